// What every operation pays on its way to a page: the digest, the lock, the document's text.
#include <benchmark/benchmark.h>

#include <hexpage/json_text.hpp>

#include "bench/side_by_side/workload.hpp"
#include "support/digest.hpp"
#include "support/local_locks.hpp"

namespace hexpage::bench {
namespace {

void digestOfKey(benchmark::State& state) {
  const std::string key = keyOf(4711);
  for (auto _ : state) benchmark::DoNotOptimize(Digest::of(key));
}
BENCHMARK(digestOfKey);

void lockAndFree(benchmark::State& state, LockMode mode) {
  LocalLocks locks;
  for (auto _ : state)
    benchmark::DoNotOptimize(locks.acquire(LockSpace::Writer, "bench/users", mode, Millis(1000)));
}
BENCHMARK_CAPTURE(lockAndFree, shared, LockMode::Shared);
BENCHMARK_CAPTURE(lockAndFree, exclusive, LockMode::Exclusive);

void documentValidate(benchmark::State& state) {
  const std::string text = documentOf(4711).dump();
  for (auto _ : state) validateDocument(text);
}
BENCHMARK(documentValidate);

void documentParse(benchmark::State& state) {
  const std::string text = documentOf(4711).dump();
  for (auto _ : state) benchmark::DoNotOptimize(parseJson(text));
}
BENCHMARK(documentParse);

void documentToText(benchmark::State& state) {
  const Json document = documentOf(4711);
  for (auto _ : state) benchmark::DoNotOptimize(toText(document));
}
BENCHMARK(documentToText);

}  // namespace
}  // namespace hexpage::bench
