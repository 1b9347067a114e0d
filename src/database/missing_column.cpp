#include "src/database/missing_column.hpp"

#include <algorithm>

#include "src/database/database.hpp"
#include "support/options.hpp"

namespace hexpage {
namespace {

std::vector<std::string> neededColumns(const DatabaseTable& table) {
  const KamailioColumns& names = table.kamailio;
  switch (table.layout) {
    case DatabaseLayout::Documents:
      return {"item_key", "value"};
    case DatabaseLayout::Kamailio:
      return {names.id, names.keyName, names.keyType, names.valueType, names.keyValue};
    case DatabaseLayout::Columns:
      return table.columns;
  }
  return {};
}

std::string hint(const std::string& column, const std::vector<std::string>& known) {
  const std::string near = nearest(column, known);
  if (!near.empty()) return "; did you mean " + near + "?";
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  return "; it has " + list;
}

}  // namespace

std::string missingColumn(const DatabaseTable& table, const std::string& name) {
  const std::vector<std::string> known = Database::columnsOf(table.url, name);
  if (known.empty()) return "";
  const std::vector<std::string> needed = neededColumns(table);
  // The database is asked about each: it knows whether case matters, and names that are in no list.
  const auto missing = std::find_if(needed.begin(), needed.end(), [&](const std::string& column) {
    return !Database::hasColumn(table.url, name, column);
  });
  if (missing == needed.end()) return "";
  return "table " + name + " has no column " + *missing + hint(*missing, known);
}

}  // namespace hexpage
