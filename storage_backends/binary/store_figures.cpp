#include "binary/store_figures.hpp"

namespace hexpage {

std::vector<Figure> storeFigures(const kv::Database& store) {
  using Unit = Figure::Unit;
  const kv::Stats stats = store.stats();
  std::vector<Figure> figures = {
      {"log segments", stats.segments},
      {"log, live", stats.logBytes - stats.deadBytes, Unit::Bytes, stats.logBytes}};
  for (const kv::SegmentInfo& segment : store.segments())
    figures.push_back({segment.file + (segment.isDamaged ? ", damaged, live" : ", live"),
                       segment.bytes - segment.deadBytes, Unit::Bytes, segment.bytes});
  figures.insert(figures.end(),
                 {{"index trees", stats.trees},
                  {"index pages", stats.indexPages},
                  {"index slots filled", stats.records, Unit::Count, stats.indexSlots},
                  {"index depth in bits", stats.indexDepth},
                  {"index in memory", stats.indexMemoryBytes, Unit::Bytes},
                  {"index file", stats.indexFileBytes, Unit::Bytes}});
  return figures;
}

}  // namespace hexpage
