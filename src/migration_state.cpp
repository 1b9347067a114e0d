#include "migration_state.hpp"

#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

namespace hexpage {
namespace {

constexpr int kFormat = 1;

Json copyJson(const MigrationState::Copy& copy) {
  return {{"path", copy.path},      {"cursor", copy.cursor},    {"items", copy.digest.items},
          {"low", copy.digest.low}, {"high", copy.digest.high}, {"whole", copy.isWhole}};
}

MigrationState::Copy copyOf(const Json& json) {
  return {json.at("path"),
          json.at("cursor"),
          {json.at("items"), json.at("low"), json.at("high")},
          json.at("whole")};
}

}  // namespace

std::string MigrationState::text() const {
  Json json = {{"format", kFormat}, {"source", source},   {"paths", paths}, {"after", after},
               {"hashes", hashes},  {"records", records}, {"items", items}};
  if (copy) json["copy"] = copyJson(*copy);
  return toText(json);
}

MigrationState MigrationState::parse(const std::string& text) {
  try {
    const Json json = parseJson(text);
    if (json.at("format") != kFormat)
      throw Error(Code::Corrupt, "the migration in the destination is of another version (format " +
                                     json.at("format").dump() + "); begin anew (--restart)");
    MigrationState state;
    state.source = json.at("source");
    state.paths = json.at("paths").get<std::vector<std::string>>();
    state.after = json.at("after");
    state.hashes = json.at("hashes");
    state.records = json.at("records");
    state.items = json.at("items");
    if (json.contains("copy")) state.copy = copyOf(json.at("copy"));
    return state;
  } catch (const Json::exception&) {
    throw Error(Code::Corrupt, kMigrationState +
                                   " in the destination is not the state of a migration; begin "
                                   "anew (--restart)");
  }
}

}  // namespace hexpage
