// What a lease costs while nobody else wants it, and when two processes hand it to each other. Two
// Leases of one process stand for the two processes.
#include <benchmark/benchmark.h>
#include <fcntl.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "support/fd.hpp"
#include "support/leases.hpp"
#include "support/process_locks.hpp"

namespace hexpage::bench {
namespace {

constexpr Millis kPatience{10'000};

class Directory {
 public:
  Directory() { path_ = ::mkdtemp(pattern_.data()); }
  ~Directory() { std::filesystem::remove_all(path_); }

  std::shared_ptr<Leases> open(Millis minimalHold = Millis{2}) const {
    const Fd fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    LeaseOptions options;
    options.minimalHold = minimalHold;
    return std::make_shared<Leases>(fd.get(), 64, LeaseEvents{}, options);
  }

 private:
  std::string pattern_ = "/tmp/hexpage-bench.XXXXXX";
  std::string path_;
};

void useAndLeave(benchmark::State& state) {
  const Directory directory;
  const auto leases = directory.open();
  leases->start();
  for (auto _ : state)
    benchmark::DoNotOptimize(leases->use(0, LockMode::Exclusive, kPatience, "bench"));
}
BENCHMARK(useAndLeave);

void lockWriter(benchmark::State& state) {
  const Directory directory;
  const auto leases = directory.open();
  ProcessLocks locks(leases, 0, 64);
  leases->start();
  for (auto _ : state)
    benchmark::DoNotOptimize(
        locks.acquire(LockSpace::Writer, "bench/users", LockMode::Exclusive, kPatience));
}
BENCHMARK(lockWriter);

void lockName(benchmark::State& state) {
  const Directory directory;
  const auto leases = directory.open();
  ProcessLocks locks(leases, 0, 64);
  leases->start();
  for (auto _ : state)
    benchmark::DoNotOptimize(
        locks.acquire(LockSpace::User, "nightly", LockMode::Exclusive, kPatience));
}
BENCHMARK(lockName);

// Each use of the one is after one of the other.
void handOver(benchmark::State& state) {
  const Directory directory;
  const auto one = directory.open(Millis{0});
  one->start();
  const auto two = directory.open(Millis{0});
  two->start();
  for (auto _ : state) {
    benchmark::DoNotOptimize(one->use(0, LockMode::Exclusive, kPatience, "bench"));
    benchmark::DoNotOptimize(two->use(0, LockMode::Exclusive, kPatience, "bench"));
  }
  state.SetItemsProcessed(2 * static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(handOver)->UseRealTime();

// Two that want one slot all the time, as Leases do it: uses by both in a second.
void contend(benchmark::State& state) {
  const Directory directory;
  const auto one = directory.open();
  one->start();
  const auto two = directory.open();
  two->start();
  std::int64_t uses = 0;
  for (auto _ : state) {
    std::atomic<bool> isOver{false};
    std::int64_t ofTwo = 0;
    std::thread other([&] {
      for (; !isOver; ++ofTwo) two->use(0, LockMode::Exclusive, kPatience, "bench");
    });
    for (int i = 0; i < 100'000; ++i) one->use(0, LockMode::Exclusive, kPatience, "bench");
    isOver = true;
    other.join();
    uses += 100'000 + ofTwo;
  }
  state.SetItemsProcessed(uses);
}
BENCHMARK(contend)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hexpage::bench
