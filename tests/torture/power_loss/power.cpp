// One point: the power fails at a moment of a workload, and the store is judged in one of the
// states in which that may leave the directory. The workload runs once for many points. In a
// quarter of them the power fails again while the store is opened.
#include <cstdlib>
#include <filesystem>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <unordered_set>

#include "image.hpp"
#include "life.hpp"
#include "power_cut.hpp"
#include "recorder.hpp"
#include "tests/support/random.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/judge.hpp"
#include "tests/torture/modes.hpp"
#include "tests/torture/tally.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

using testing::Random;
using testing::TempDir;

constexpr std::size_t kPointsPerLife[] = {300, 30, 10};
constexpr std::size_t kLivesOfAPoint = 20;  // one in so many points has a next life

std::string describeCut(const Log& log, std::size_t cut, const Policy& policy) {
  const std::string where = cut < log.entries.size()
                                ? std::string("before ") + log.entries[cut].call
                                : std::string("at the end");
  return "cut " + where + " (" + std::to_string(cut) + " of " + std::to_string(log.entries.size()) +
         "), " + describe(policy);
}

// Records an opening of the store in that directory.
std::optional<Log> recordOpening(const Options& options, const std::string& directory,
                                 std::string& failure) {
  const auto progress = makeShared<Progress>();
  Progress* const own = progress.get();
  const pid_t child = startChild(*progress, kChildLimit, [&] {
    awaitTracer();
    if (options.backend == "binary") writeByCallsAlone();
    showRecorded();
    Storage storage = Storage::open(options.config(directory + "/store"));
    readAll(storage);
  });
  Recorded recorded = record(directory, {&child, 1}, {&own, 1});
  if (const auto failed = failureOf(recorded.statuses[0], *progress)) {
    failure = "the opening: " + *failed;
    return std::nullopt;
  }
  return std::move(recorded.log);
}

class Point {
 public:
  Point(const Options& options, const Workers& workers, const Log& log, std::uint64_t seed,
        std::size_t number)
      : options_(options), workers_(workers), random_(seed * 1'000'003 + number) {
    const std::size_t cut = random_.below(log.entries.size() + 1);
    policy_ = policyOf(number);
    state_ = {afterCut(log, cut, policy_, random_), log.marksAt(cut)};
    story_ = describeCut(log, cut, policy_);
    sum_ = fingerprint(state_.tree) + cut;
  }

  std::size_t sum() const { return sum_; }
  const std::string& story() const { return story_; }
  std::string kind() const { return describe(policy_); }
  const Beginning& state() const { return state_; }

  // What is wrong with the store; nullopt for nothing.
  std::optional<std::string> judgeStore(Tally& tally) {
    if (random_.oneIn(4)) {
      tally.count("cut again in recovery");
      if (const auto failure = cutAgain()) return failure;
    }
    const TempDir dir;
    writeTree(state_.tree, dir.string());
    const auto took = makeShared<std::int64_t>();
    const auto failure = runInChild(kChildLimit, [&] {
      *took = judge(options_, dir.string() + "/store", workers_.witnesses(state_.marks)).count();
    });
    tally.longest("longest opening", std::chrono::milliseconds(*took));
    return failure;
  }

  // Leaves the state where HEXPAGE_KEEP says, to be looked at.
  void keep(const std::string& name) const {
    const char* const where = std::getenv("HEXPAGE_KEEP");
    if (where == nullptr) return;
    const std::string directory = std::string(where) + "/" + name;
    std::filesystem::create_directories(directory);
    writeTree(state_.tree, directory);
  }

 private:
  std::optional<std::string> cutAgain() {
    const TempDir dir;
    writeTree(state_.tree, dir.string());
    std::string failure;
    const auto log = recordOpening(options_, dir.string(), failure);
    if (!log) return failure;
    const std::size_t cut = random_.below(log->entries.size() + 1);
    const Policy policy = policyOf(random_.below(kPolicies));
    state_.tree = afterCut(*log, cut, policy, random_);
    story_ += "; in the opening " + describeCut(*log, cut, policy);
    return std::nullopt;
  }

  const Options& options_;
  const Workers& workers_;
  Random random_;
  Policy policy_;
  Beginning state_;
  std::string story_;
  std::size_t sum_ = 0;
};

class Round {
 public:
  Round(const Options& options, std::uint64_t seed, Tally& tally)
      : options_(options), seed_(seed), tally_(tally), workers_(options, seed), random_(seed) {}

  // `story` says how the store came to the beginning of this life; "" for the first.
  void live(const Beginning* beginning, std::size_t life, const std::string& story) {
    tally_.count("lives");
    Log log;
    try {
      log = recordLife(options_, workers_, beginning, random_);
    } catch (const std::runtime_error& e) {
      return tally_.failure("a life", story + e.what(), options_.flags(seed_));
    }
    tally_.count("changes", log.entries.size());
    const bool isOne = options_.point != 0;
    const std::size_t first = isOne ? options_.point : 1;
    const std::size_t last = isOne ? options_.point : kPointsPerLife[life];
    for (std::size_t n = first; n <= last && tally_.goesOn(); ++n) {
      Point point(options_, workers_, log, seed_ + life, n);
      if (!seen_.insert(point.sum()).second) continue;
      const bool hasNext = !isOne && life + 1 < std::size(kPointsPerLife);
      if (hasNext && random_.oneIn(kLivesOfAPoint))
        live(&point.state(), life + 1, story + point.story() + "; in the next life ");
      judgePoint(point, n, story);
    }
  }

 private:
  void judgePoint(Point& point, std::size_t n, const std::string& story) {
    tally_.point();
    const auto failure = point.judgeStore(tally_);
    if (!failure) return;
    tally_.failure(point.kind(), story + point.story() + ": " + *failure,
                   options_.flags(seed_) + (story.empty() ? " --point " + std::to_string(n) : ""));
    point.keep(std::to_string(seed_) + "." + std::to_string(n));
  }

  const Options& options_;
  const std::uint64_t seed_;
  Tally& tally_;
  const Workers workers_;
  Random random_;
  std::unordered_set<std::size_t> seen_;
};

}  // namespace

int runPower(const Options& options) {
  Tally tally(options);
  for (std::uint64_t seed = options.seed; tally.goesOn(); ++seed) {
    Round(options, seed, tally).live(nullptr, 0, "");
    if (options.point != 0) break;
  }
  return tally.finish();
}

}  // namespace hexpage::torture
