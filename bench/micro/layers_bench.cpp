// One put and one get of a hash of 10,000 documents by layer: items in memory, pages in memory,
// pages in files. What is between two layers is what the lower one costs.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <hexpage/hexpage.hpp>
#include <optional>
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

// Calls call(storage, key) with a random key for each round.
template <class Call>
void withKeys(benchmark::State& state, Layer layer, Call call) {
  const TemporaryDirectory directory;
  Storage storage = openStore(layer, directory);
  fill(storage);
  const auto picks = randomPicks(kKeys, kKeys);
  std::size_t i = 0;
  for (auto _ : state) call(storage, keyOf(picks[++i % kKeys]));
}

void putText(benchmark::State& state, Layer layer) {
  const std::string text = documentOf(4711).dump();
  withKeys(state, layer, [&](Storage& storage, const std::string& key) {
    storage.hashPutText(kHash, key, text);
  });
}
BENCHMARK_CAPTURE(putText, memory, Layer::Memory);
BENCHMARK_CAPTURE(putText, paged_in_memory, Layer::PagedMemory);
BENCHMARK_CAPTURE(putText, filesystem, Layer::Filesystem);

void getText(benchmark::State& state, Layer layer) {
  withKeys(state, layer, [](Storage& storage, const std::string& key) {
    benchmark::DoNotOptimize(storage.hashGetText(kHash, key));
  });
}
BENCHMARK_CAPTURE(getText, memory, Layer::Memory);
BENCHMARK_CAPTURE(getText, paged_in_memory, Layer::PagedMemory);
BENCHMARK_CAPTURE(getText, filesystem, Layer::Filesystem);

void getJson(benchmark::State& state, Layer layer) {
  withKeys(state, layer, [](Storage& storage, const std::string& key) {
    benchmark::DoNotOptimize(storage.hashGet(kHash, key));
  });
}
BENCHMARK_CAPTURE(getJson, memory, Layer::Memory);
BENCHMARK_CAPTURE(getJson, paged_in_memory, Layer::PagedMemory);
BENCHMARK_CAPTURE(getJson, filesystem, Layer::Filesystem);

// All documents, once in a store that was opened just before.
void eachTextJustOpened(benchmark::State& state) {
  const TemporaryDirectory directory;
  {
    Storage storage = openStore(Layer::Filesystem, directory);
    fill(storage);
  }
  for (auto _ : state) {
    state.PauseTiming();
    std::optional<Storage> storage = openStore(Layer::Filesystem, directory);
    std::size_t bytes = 0;
    state.ResumeTiming();
    storage->hashEachText(kHash, [&](const std::string& key, const std::string& text) {
      bytes += key.size() + text.size();
    });
    benchmark::DoNotOptimize(bytes);
    state.PauseTiming();
    storage.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(eachTextJustOpened)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hexpage::bench
