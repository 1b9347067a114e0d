// What a config says, for programs that ask before a store is open.
#pragma once

#include <hexpage/database.hpp>
#include <hexpage/types.hpp>
#include <optional>
#include <string_view>

namespace hexpage {

// Where the config's `databases` say that the items of a hash come from and go to; nullopt when
// they do not name it. The path is as it is stored. Throws InvalidArgument for a bad section.
std::optional<DatabaseTable> databaseOf(const Json& config, std::string_view path);

}  // namespace hexpage
