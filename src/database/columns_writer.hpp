// Items as the rows of a table whose columns make their values.
#pragma once

#include <functional>
#include <hexpage/database.hpp>
#include <hexpage/types.hpp>
#include <string>

namespace hexpage {

class Database;

// As writeTable does for DatabaseLayout::Columns. Other columns of the table keep what they have.
// Of an item that is no row throws InvalidArgument that names its key, and has changed nothing
// then.
void writeColumns(Database& database, const std::string& name, const DatabaseTable& table,
                  const std::function<bool(Item&)>& next);

}  // namespace hexpage
