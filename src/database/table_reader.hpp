// The rows of a table as items.
#pragma once

#include <functional>
#include <hexpage/database.hpp>
#include <hexpage/types.hpp>
#include <string>

namespace hexpage {

class Database;

// Gives each item to `take`, as the rows come. `name` is the table's. Rows that make no item are
// counted, or with isStrict throw Error{InvalidArgument} that names the row.
DatabaseTransfer readTable(Database& database, const std::string& name, const DatabaseTable& table,
                           Expires now, const std::function<void(Item)>& take);

}  // namespace hexpage
