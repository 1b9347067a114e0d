// What to say when a database refuses a statement for a column that a table has not.
#pragma once

#include <hexpage/database.hpp>
#include <hexpage/error.hpp>
#include <string>

namespace hexpage {

// The first column that the layout needs and the table has not, with the nearest that it has; ""
// when it has all of them, or is not there. `name` is the table's.
std::string missingColumn(const DatabaseTable& table, const std::string& name);

// Gives what `transfer` does. Should the database refuse it and a column be missing, that is thrown
// as InvalidArgument.
template <class Transfer>
auto withMissingColumnTold(const DatabaseTable& table, const std::string& name, Transfer transfer) {
  try {
    return transfer();
  } catch (const Error& error) {
    if (error.code() != Code::Io) throw;
    const std::string missing = missingColumn(table, name);
    if (missing.empty()) throw;
    throw Error(Code::InvalidArgument, missing);
  }
}

}  // namespace hexpage
