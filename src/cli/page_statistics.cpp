#include "src/cli/page_statistics.hpp"

#include <algorithm>

namespace hexpage::cli {
namespace {

// A full page is in the last bar; the first has empty pages up to a tenth.
std::size_t barOf(std::uint64_t items, std::size_t pageSize) {
  if (items == 0) return 0;
  return static_cast<std::size_t>((items * PageStatistics::kBars - 1) / pageSize);
}

void addPage(PageStatistics& statistics, const LayoutNode& page, std::size_t pageSize) {
  ++statistics.pages;
  statistics.items += page.items;
  const std::size_t size = page.capacity != 0 ? page.capacity : pageSize;
  if (page.items > size)
    ++statistics.overfull;
  else
    ++statistics.fill[barOf(page.items, size)];
  statistics.haveOwnSizes |= page.capacity != 0;
  statistics.pagesAtDepth.resize(std::max(statistics.pagesAtDepth.size(), page.depth + 1));
  ++statistics.pagesAtDepth[page.depth];
}

}  // namespace

double PageStatistics::itemsPerPage() const {
  return pages == 0 ? 0 : static_cast<double>(items) / static_cast<double>(pages);
}

PageStatistics statisticsOf(const std::vector<LayoutNode>& nodes, std::size_t pageSize) {
  PageStatistics statistics;
  for (const LayoutNode& node : nodes) {
    statistics.bytes += node.bytes;
    statistics.depth = std::max(statistics.depth, node.depth + 1);
    if (node.isIndex)
      ++statistics.indexes;
    else
      addPage(statistics, node, pageSize);
  }
  return statistics;
}

}  // namespace hexpage::cli
