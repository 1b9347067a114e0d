// How long writers of other hashes wait while a hash of a million items is copied, renamed, cleared
// or dropped in a binary store. LARGE_HASH_ITEMS makes it another size.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <hexpage/storage.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hexpage::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::size_t items() {
  const char* const asked = std::getenv("LARGE_HASH_ITEMS");
  return asked == nullptr ? 1'000'000 : std::strtoull(asked, nullptr, 10);
}

class LargeHash {
 public:
  LargeHash()
      : directory_((std::filesystem::temp_directory_path() / "hexpage-bench-XXXXXX").string()) {
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error("no temporary directory");
    storage_.emplace(
        Storage::open({{"backend", "binary"}, {"binary", {{"base_dir", directory_ + "/data"}}}}));
    for (std::size_t i = 0; i < items();) {
      std::vector<Item> some;
      for (const std::size_t end = std::min(items(), i + 10'000); i < end; ++i)
        some.push_back({"key " + std::to_string(i),
                        R"({"name":"somebody","number":)" + std::to_string(i) + "}"});
      storage_->hashPutTexts("large", some);
    }
  }
  ~LargeHash() {
    storage_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  LargeHash(const LargeHash&) = delete;
  LargeHash& operator=(const LargeHash&) = delete;

  Storage& storage() { return *storage_; }

 private:
  std::string directory_;
  std::optional<Storage> storage_;
};

// Writes to another hash before the work, while it goes on, and for as long as something of it may
// be left to do; the longest that a write took.
template <class Work>
double longestWaitMillis(Storage& storage, Work work) {
  std::atomic<int> written{0};
  std::atomic<bool> isOver{false};
  Clock::duration longest{};
  std::thread writer([&] {
    while (!isOver) {
      const Clock::time_point begin = Clock::now();
      storage.hashPut("other", std::to_string(written % 1000), 1);
      longest = std::max(longest, Clock::now() - begin);
      ++written;
    }
  });
  const auto awaitWrites = [&](int more) {
    for (const int end = written + more; written < end;) std::this_thread::yield();
  };
  awaitWrites(1000);
  work(storage);
  awaitWrites(10'000);
  isOver = true;
  writer.join();
  return std::chrono::duration<double, std::milli>(longest).count();
}

template <class Work>
void waitBeside(benchmark::State& state, Work work) {
  double longest = 0;
  for (auto _ : state) {
    LargeHash large;
    const Clock::time_point begin = Clock::now();
    longest = std::max(longest, longestWaitMillis(large.storage(), work));
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  state.counters["longest wait, ms"] = longest;
}

void once(benchmark::internal::Benchmark* bench) {
  bench->Iterations(1)->Unit(benchmark::kMillisecond)->UseManualTime();
}
BENCHMARK_CAPTURE(waitBeside, copy, [](Storage& s) { s.hashCopy("large", "copied"); })->Apply(once);
BENCHMARK_CAPTURE(waitBeside, rename, [](Storage& s) {
  s.hashRename("large", "new");
})->Apply(once);
BENCHMARK_CAPTURE(waitBeside, clear, [](Storage& s) { s.hashDeleteAll("large"); })->Apply(once);
BENCHMARK_CAPTURE(waitBeside, drop, [](Storage& s) {
  s.hashDeleteAll("large", true);
})->Apply(once);

}  // namespace
}  // namespace hexpage::bench
