// What the config says of a hash and its table in a database.
#pragma once

#include <hexpage/database.hpp>
#include <hexpage/types.hpp>
#include <string>
#include <vector>

namespace hexpage {

struct DatabasePlan {
  enum class Load { Never, Empty, Always };

  std::string hash;
  DatabaseTable table;
  Load load = Load::Empty;  // at open; Empty: when the hash has no items
  bool isSaved = false;     // at close
  Millis saveInterval{0};   // and so often; 0: at close only
};

// {"users": {"url": ..., "table": ..., ...}, ...}. Throws InvalidArgument that names the member.
std::vector<DatabasePlan> databasePlans(const Json& section);

}  // namespace hexpage
