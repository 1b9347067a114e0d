// The paths of a store whose file names do not tell them: one a line in `.hexpage/paths`.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/path_rules.hpp"

namespace hexpage {

// Safe between threads, and between processes: each appends. A path that is listed may have no
// record any more.
class KnownPaths {
 public:
  // A new file gets the mode.
  explicit KnownPaths(int directory, mode_t mode = 0600) : directory_(directory), mode_(mode) {
    refresh();
  }

  // Takes in what other processes have added.
  void refresh();
  void add(std::string_view path);
  // Those that are `root` or below it, in the order of segments.
  std::vector<std::string> below(std::string_view root) const;

 private:
  struct Order {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return pathLess(a, b); }
  };

  void append(std::string_view path);

  const int directory_;
  const mode_t mode_;
  mutable std::mutex mutex_;
  std::set<std::string, Order> paths_;
  std::uint64_t readUpTo_ = 0;  // bytes of the file
};

}  // namespace hexpage
