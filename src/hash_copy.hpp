// Building a hash from another one.
#pragma once

#include <hexpage/backend.hpp>
#include <string>

namespace hexpage {

// Copies all items of `from` into a new hash with these options, in batches of bounded size, and
// puts it in the place of whatever is at `to`, which may be `from`. When it throws, `to` is as it
// was. The caller holds the writers' locks of both.
void copyHash(Backend& backend, const std::string& from, const std::string& to,
              const std::string& options);

}  // namespace hexpage
