// A page of 50 items of 100 bytes: reading it, finding in it, splicing into its text.
#include <benchmark/benchmark.h>

#include "bench/side_by_side/workload.hpp"
#include "paged/page.hpp"

namespace hexpage::bench {
namespace {

constexpr std::size_t kItems = 50;

Page fullPage() {
  Page page(Style::Compact);
  for (std::size_t i = 0; i < kItems; ++i) page.put(keyOf(i), documentOf(i).dump());
  return page;
}

void pageParse(benchmark::State& state) {
  const std::string text = fullPage().text();
  for (auto _ : state) benchmark::DoNotOptimize(Page::parse(text));
}
BENCHMARK(pageParse);

void pageFind(benchmark::State& state) {
  const Page page = fullPage();
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(page.find(keyOf(++i % kItems)));
}
BENCHMARK(pageFind);

// Texts of two lengths in turn, so that what follows moves each time.
void pageReplace(benchmark::State& state) {
  Page page = fullPage();
  const std::string texts[] = {documentOf(1).dump(), documentOf(100'000).dump()};
  std::size_t i = 0;
  for (auto _ : state) {
    page.put(keyOf(i % kItems), texts[i % 2]);
    ++i;
  }
  benchmark::DoNotOptimize(page.text().data());
}
BENCHMARK(pageReplace);

void pageAddAndRemove(benchmark::State& state) {
  Page page = fullPage();
  const std::string text = documentOf(7).dump();
  for (auto _ : state) {
    page.put("another", text);
    page.remove("another");
  }
  benchmark::DoNotOptimize(page.text().data());
}
BENCHMARK(pageAddAndRemove);

}  // namespace
}  // namespace hexpage::bench
