// One put and one get of a hash of 10,000 documents by layer: items in memory, pages in memory,
// pages in files. What is between two layers is what the lower one costs.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <hexpage/hexpage.hpp>
#include <stdexcept>

#include "bench/micro/memory_records.hpp"
#include "bench/side_by_side/workload.hpp"
#include "paged/paged_backend.hpp"

namespace hexpage::bench {
namespace {

constexpr const char* kHash = "bench/users";
constexpr std::size_t kKeys = 10'000;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "hexpage-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;  // what is left lies in the system's temporary directory
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum class Layer { Memory, PagedMemory, Filesystem };

Storage openStore(Layer layer, const TemporaryDirectory& directory) {
  switch (layer) {
    case Layer::Memory:
      return Storage::open({{"backend", "memory"}});
    case Layer::PagedMemory:
      return Storage::over(makePagedBackend(std::make_unique<MemoryRecords>(), {}));
    case Layer::Filesystem:
      return Storage::open(
          {{"backend", "filesystem"}, {"filesystem", {{"base_dir", directory.path()}}}});
  }
  throw std::logic_error("no such layer");
}

void fill(Storage& storage) {
  std::vector<Item> items;
  for (std::size_t i = 0; i < kKeys; ++i) items.push_back({keyOf(i), documentOf(i).dump()});
  storage.hashPutTexts(kHash, items);
}

void putText(benchmark::State& state, Layer layer) {
  const TemporaryDirectory directory;
  Storage storage = openStore(layer, directory);
  fill(storage);
  const auto picks = randomPicks(kKeys, kKeys);
  const std::string text = documentOf(4711).dump();
  std::size_t i = 0;
  for (auto _ : state) storage.hashPutText(kHash, keyOf(picks[++i % kKeys]), text);
}
BENCHMARK_CAPTURE(putText, memory, Layer::Memory);
BENCHMARK_CAPTURE(putText, paged_in_memory, Layer::PagedMemory);
BENCHMARK_CAPTURE(putText, filesystem, Layer::Filesystem);

void getText(benchmark::State& state, Layer layer) {
  const TemporaryDirectory directory;
  Storage storage = openStore(layer, directory);
  fill(storage);
  const auto picks = randomPicks(kKeys, kKeys);
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(storage.hashGetText(kHash, keyOf(picks[++i % kKeys])));
}
BENCHMARK_CAPTURE(getText, memory, Layer::Memory);
BENCHMARK_CAPTURE(getText, paged_in_memory, Layer::PagedMemory);
BENCHMARK_CAPTURE(getText, filesystem, Layer::Filesystem);

void getJson(benchmark::State& state, Layer layer) {
  const TemporaryDirectory directory;
  Storage storage = openStore(layer, directory);
  fill(storage);
  const auto picks = randomPicks(kKeys, kKeys);
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(storage.hashGet(kHash, keyOf(picks[++i % kKeys])));
}
BENCHMARK_CAPTURE(getJson, memory, Layer::Memory);
BENCHMARK_CAPTURE(getJson, paged_in_memory, Layer::PagedMemory);
BENCHMARK_CAPTURE(getJson, filesystem, Layer::Filesystem);

}  // namespace
}  // namespace hexpage::bench
