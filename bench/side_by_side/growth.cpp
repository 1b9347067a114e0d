#include "growth.hpp"

#include <algorithm>
#include <chrono>
#include <hexpage/hexpage.hpp>
#include <vector>

#include "workload.hpp"

namespace hexpage::bench {

namespace {

constexpr const char* kHash = "growth";
constexpr std::size_t kProbes = 5'000;
constexpr std::size_t kFillBatch = 10'000;

struct Cost {
  double meanMicros = 0;
  double worstMicros = 0;
};

template <class Put>
Cost measurePuts(Put put) {
  using Micros = std::chrono::duration<double, std::micro>;
  Cost cost;
  for (std::size_t i = 0; i < kProbes; ++i) {
    const auto start = std::chrono::steady_clock::now();
    put(i);
    const double took = Micros(std::chrono::steady_clock::now() - start).count();
    cost.meanMicros += took / kProbes;
    cost.worstMicros = std::max(cost.worstMicros, took);
  }
  return cost;
}

void fill(Storage& storage, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; i += kFillBatch) {
    std::vector<Item> items;
    for (std::size_t j = i; j < std::min(i + kFillBatch, to); ++j)
      items.push_back({keyOf(j), documentOf(j).dump()});
    storage.hashPutTexts(kHash, items);
  }
  storage.sync();  // the puts that are measured are not to wait for these
}

}  // namespace

Json runGrowth(const std::string& directory, std::size_t most) {
  Storage storage =
      Storage::open({{"hash_page_size", 50}, {"filesystem", {{"base_dir", directory}}}});
  Json rows = Json::array();
  std::size_t length = 0;
  for (std::size_t target : {10'000, 31'623, 100'000, 316'228, 1'000'000}) {
    if (target > most) break;
    fill(storage, length, target);
    const auto picks = randomPicks(kProbes, target);
    const Cost replacing = measurePuts(
        [&](std::size_t i) { storage.hashPut(kHash, keyOf(picks[i]), documentOf(picks[i])); });
    const Cost adding = measurePuts(
        [&](std::size_t i) { storage.hashPut(kHash, keyOf(target + i), documentOf(target + i)); });
    length = target + kProbes;
    rows.push_back({{"keys", target},
                    {"new_us", adding.meanMicros},
                    {"replace_us", replacing.meanMicros},
                    {"worst_us", std::max(adding.worstMicros, replacing.worstMicros)}});
  }
  return rows;
}

}  // namespace hexpage::bench
