// What checking its frame costs a read of the binary engine: warm, and the first read of each
// record in a store that was just opened.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <hexpage/kv.hpp>
#include <stdexcept>

namespace hexpage::bench {
namespace {

constexpr std::size_t kRecords = 20'000;

std::string keyOf(std::size_t record) { return "key of the record " + std::to_string(record); }

// A closed store, loaded in transactions of so many records.
class Loaded {
 public:
  Loaded(std::size_t valueBytes, std::size_t atOnce)
      : directory_((std::filesystem::temp_directory_path() / "hexpage-bench-XXXXXX").string()) {
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error("no temporary directory");
    kv::Database store = open(kv::VerifyReads::Never);
    for (std::size_t first = 0; first < kRecords; first += atOnce) {
      kv::Transaction load = store.begin();
      for (std::size_t i = first; i < first + atOnce; ++i)
        load.set(keyOf(i), std::string(valueBytes, static_cast<char>('a' + i % 26)));
      load.commit();
    }
  }

  ~Loaded() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  kv::Database open(kv::VerifyReads when) const {
    kv::Options options;
    options.verifyReads = when;
    return kv::Database::open(directory_, options);
  }

 private:
  std::string directory_;
};

void readAll(const kv::Database& store) {
  for (std::size_t i = 0; i < kRecords; ++i)
    benchmark::DoNotOptimize(store.get(keyOf(i * 7919 % kRecords)));
}

// Bytes of a value, records of a transaction.
void readWarm(benchmark::State& state, kv::VerifyReads when) {
  const Loaded loaded(static_cast<std::size_t>(state.range(0)),
                      static_cast<std::size_t>(state.range(1)));
  const kv::Database store = loaded.open(when);
  readAll(store);
  for (auto _ : state) readAll(store);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecords));
}

void readFirst(benchmark::State& state, kv::VerifyReads when) {
  const Loaded loaded(static_cast<std::size_t>(state.range(0)),
                      static_cast<std::size_t>(state.range(1)));
  for (auto _ : state) {
    state.PauseTiming();
    kv::Database store = loaded.open(when);
    state.ResumeTiming();
    readAll(store);
    state.PauseTiming();
    store.close();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecords));
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgsProduct({{100, 750}, {1, 10'000}})->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(readWarm, never, kv::VerifyReads::Never)->Apply(sizes);
BENCHMARK_CAPTURE(readWarm, first, kv::VerifyReads::First)->Apply(sizes);
BENCHMARK_CAPTURE(readWarm, always, kv::VerifyReads::Always)->Apply(sizes);
BENCHMARK_CAPTURE(readFirst, never, kv::VerifyReads::Never)->Apply(sizes);
BENCHMARK_CAPTURE(readFirst, first, kv::VerifyReads::First)->Apply(sizes);

}  // namespace
}  // namespace hexpage::bench
