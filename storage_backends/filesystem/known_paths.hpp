// The paths of a store whose file names do not tell them: one a line in `.hexpage/paths`.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/path_rules.hpp"

namespace hexpage {

// Safe between threads. A path that is listed may have no record any more.
class KnownPaths {
 public:
  // If `syncs`, a path is on disk when add() returns.
  KnownPaths(int directory, bool syncs);
  // Writes the list anew without those removed. What fails then is said again by the next add.
  ~KnownPaths();

  void add(std::string_view path);
  void remove(std::string_view path);
  // Those that are `root` or below it, in the order of segments.
  std::vector<std::string> below(std::string_view root) const;

 private:
  struct Order {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return pathLess(a, b); }
  };

  void rewrite() const;

  const int directory_;
  const bool syncs_;
  mutable std::mutex mutex_;
  std::set<std::string, Order> paths_;
  bool hasRemoved_ = false;
};

}  // namespace hexpage
