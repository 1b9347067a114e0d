// Items as the rows of a table.
#pragma once

#include <functional>
#include <hexpage/database.hpp>
#include <hexpage/types.hpp>
#include <string>

namespace hexpage {

class Database;

// Makes the table hold the items that `next` gives until it says that there are no more, and
// nothing else; all in one transaction of the database. Makes the table if need be.
DatabaseTransfer writeTable(Database& database, const std::string& name, const DatabaseTable& table,
                            const std::function<bool(Item&)>& next);

}  // namespace hexpage
