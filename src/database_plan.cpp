#include "database_plan.hpp"

#include <hexpage/config.hpp>
#include <utility>

#include "src/database/database_address.hpp"
#include "src/paths.hpp"
#include "support/options.hpp"

namespace hexpage {
namespace {

DatabaseLayout layoutOf(const std::string& word) {
  if (word == "kamailio") return DatabaseLayout::Kamailio;
  return word == "columns" ? DatabaseLayout::Columns : DatabaseLayout::Documents;
}

DatabasePlan::Load loadOf(const std::string& word) {
  if (word == "never") return DatabasePlan::Load::Never;
  return word == "always" ? DatabasePlan::Load::Always : DatabasePlan::Load::Empty;
}

// The names between commas.
std::vector<std::string> namesOf(const std::string& list) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  for (std::size_t comma; (comma = list.find(',', begin)) != list.npos; begin = comma + 1)
    names.push_back(list.substr(begin, comma - begin));
  if (!list.empty()) names.push_back(list.substr(begin));
  return names;
}

void readKamailio(Options& options, KamailioColumns& columns) {
  columns.id = options.text("id_column", columns.id);
  columns.keyName = options.text("key_name_column", columns.keyName);
  columns.keyType = options.text("key_type_column", columns.keyType);
  columns.valueType = options.text("value_type_column", columns.valueType);
  columns.keyValue = options.text("key_value_column", columns.keyValue);
  columns.arraySizeSuffix = options.text("array_size_suffix", columns.arraySizeSuffix);
}

DatabasePlan planOf(const std::string& hash, const Json& section) {
  constexpr std::uint64_t kLongest = 86'400'000;
  Options options(section, "databases." + hash);
  DatabasePlan plan;
  plan.hash = hash;
  plan.table.url = options.text("url", "");
  DatabaseAddress::parse(plan.table.url);
  plan.table.table = options.text("table", "");
  plan.table.columns = namesOf(options.text("columns", ""));
  plan.table.layout =
      layoutOf(options.oneOf("layout", plan.table.columns.empty() ? "documents" : "columns",
                             {"documents", "kamailio", "columns"}));
  plan.table.delimiter = options.text("delimiter", "");
  plan.table.nullText = options.text("null", "*");
  plan.table.isStrict = options.flag("strict", false);
  plan.table.expires = options.text("expires_column", plan.table.expires);
  readKamailio(options, plan.table.kamailio);
  plan.load = loadOf(options.oneOf("load", "empty", {"empty", "always", "never"}));
  plan.isSaved = options.flag("save", false);
  plan.saveInterval = Millis(options.number("save_interval", 0, 0, kLongest));
  options.finish();
  return plan;
}

}  // namespace

std::vector<DatabasePlan> databasePlans(const Json& section) {
  std::vector<DatabasePlan> plans;
  for (const auto& [hash, plan] : section.items()) plans.push_back(planOf(hash, plan));
  return plans;
}

std::optional<DatabaseTable> databaseOf(const Json& config, std::string_view path) {
  const auto section = config.find("databases");
  if (section == config.end()) return std::nullopt;
  const auto lower = config.find("lower_case_keys");
  const bool isLowerCase = lower == config.end() || (*lower != false && *lower != 0);
  for (DatabasePlan& plan : databasePlans(*section))
    if (checkedPath(plan.hash, isLowerCase) == path) return std::move(plan.table);
  return std::nullopt;
}

}  // namespace hexpage
