// hexpage's memory backend beside std::unordered_map under one mutex and Kamailio's htable: rounds
// in turn, medians. See bench/memory/run.
//
//   bench_memory ROUNDS [KAMAILIO_CONFIG]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "figures.hpp"

namespace hexpage::bench {
namespace {

struct Subject {
  const char* name;
  std::function<Figures(int threads)> measure;
  std::map<std::string, std::vector<double>> samples{};

  double median(const std::string& figure) const {
    auto found = samples.find(figure);
    if (found == samples.end()) return -1;
    std::vector<double> sorted = found->second;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

struct Row {
  const char* figure;
  const char* text;
};

constexpr Row kOperations[] = {
    {"put", "put, one key, ns"},          {"get", "get, one key, ns"},
    {"increment", "increment, ns"},       {"insert", "insert 100,000 keys, ns each"},
    {"put_many", "put 100,000 keys, ns"}, {"get_many", "get 100,000 keys, ns"},
};
constexpr Row kWhole[] = {
    {"count_regex", "count by regex, ms"},
    {"count_prefix", "count by prefix, ms"},
    {"iterate", "iterate, ms"},
    {"sweep", "sweep 100,000 expired, ms"},
    {"dump", "dump, ms"},
    {"bytes", "bytes an item"},
};

void print(const Row& row, int threads, const std::vector<Subject>& subjects) {
  std::printf("| %s%s |", row.text, threads == 2 ? ", two threads" : "");
  for (const Subject& subject : subjects) {
    const double median = subject.median(row.figure + std::to_string(threads));
    if (median < 0)
      std::printf(" – |");
    else
      std::printf(median < 10 ? " %.2f |" : " %.0f |", median);
  }
  std::printf("\n");
}

// One round of each subject; one that fails is left out from then on.
void measureRound(std::vector<Subject>& subjects, int threads) {
  for (Subject& subject : subjects) {
    if (!subject.measure) continue;
    try {
      for (const auto& [figure, value] : subject.measure(threads))
        subject.samples[figure + std::to_string(threads)].push_back(value);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "bench_memory: %s is left out: %s\n", subject.name, error.what());
      subject.measure = nullptr;
    }
  }
}

void compare(int rounds, const std::string& kamailioConfig) {
  std::vector<Subject> subjects = {{"hexpage", measureHexpage}, {"map, mutex", measureMap}};
  if (!kamailioConfig.empty())
    subjects.push_back({"Kamailio", [&](int n) { return measureKamailio(n, kamailioConfig); }});
  for (int round = 0; round < rounds; ++round)
    for (const int threads : {1, 2}) measureRound(subjects, threads);
  std::printf("| |");
  for (const Subject& subject : subjects) std::printf(" %s |", subject.name);
  std::printf("\n|---|");
  for (std::size_t i = 0; i < subjects.size(); ++i) std::printf("---|");
  std::printf("\n");
  for (const int threads : {1, 2})
    for (const Row& row : kOperations) print(row, threads, subjects);
  for (const Row& row : kWhole) print(row, 1, subjects);
}

}  // namespace
}  // namespace hexpage::bench

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 0;
  if (rounds < 1 || argc > 3) {
    std::fprintf(stderr, "usage: bench_memory ROUNDS [KAMAILIO_CONFIG]\n");
    return 2;
  }
  hexpage::bench::compare(rounds, argc > 2 ? argv[2] : "");
}
