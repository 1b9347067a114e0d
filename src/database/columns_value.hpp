// What the columns of a row behind its key are as one value, and back: an object of them, or with a
// delimiter one string of their texts, as Kamailio's htable packs its `cols`.
#pragma once

#include <hexpage/database.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/database/database.hpp"

namespace hexpage {

// The cells are those of table.columns without the first.
std::string packedColumns(const DatabaseTable& table, std::span<const Cell> cells);

// The texts that packedColumns makes this value of; nullopt is NULL. Throws InvalidArgument with
// the reason when it makes it of none, or of more than one row's: a delimiter in a text is not
// escaped.
std::vector<std::optional<std::string>> unpackedColumns(const DatabaseTable& table,
                                                        std::string_view value);

}  // namespace hexpage
