// What the pages of a hash say about its page size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <hexpage/types.hpp>
#include <vector>

namespace hexpage::cli {

struct PageStatistics {
  static constexpr std::size_t kBars = 10;

  std::uint64_t items = 0;
  std::uint64_t pages = 0;
  std::uint64_t indexes = 0;
  std::size_t depth = 0;  // levels of the tree, 1 for a single page
  std::uint64_t bytes = 0;
  bool haveOwnSizes = false;                // the pages: the hash's page size is not theirs
  std::array<std::uint64_t, kBars> fill{};  // pages by items, in tenths of their size
  std::uint64_t overfull = 0;               // pages of more items than their size
  std::vector<std::uint64_t> pagesAtDepth;  // by level, the root's first

  double itemsPerPage() const;
};

PageStatistics statisticsOf(const std::vector<LayoutNode>& nodes, std::size_t pageSize);

}  // namespace hexpage::cli
