// One point: the power fails at a moment of a workload, and the store is judged in one of the
// states in which that may leave the directory. The workload runs once for many points. In a
// quarter of them the power fails again while the store is opened.
#include <cstdlib>
#include <filesystem>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <unordered_set>

#include "image.hpp"
#include "power_cut.hpp"
#include "recorder.hpp"
#include "tests/support/random.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/judge.hpp"
#include "tests/torture/modes.hpp"
#include "tests/torture/tally.hpp"
#include "tests/torture/tracer.hpp"
#include "tests/torture/worker.hpp"

namespace hexpage::torture {
namespace {

using testing::Random;
using testing::TempDir;

constexpr std::chrono::seconds kLimit{60};  // for one child
constexpr std::size_t kOperations = 20;
constexpr std::size_t kPointsPerWorkload = 400;

// Some processes work on a store, in a directory that was empty, or whose store was prepared.
class Round {
 public:
  Round(const Options& options, std::uint64_t seed)
      : options_(options), seed_(seed), config_(options.config(dir_.string() + "/store")) {
    const Mix mix = options.isOneFile ? Mix::OneFile : Mix::All;
    for (std::size_t n = 0; n < options.processes; ++n) {
      workloads_.push_back(makeWorkload(seed, n, kOperations, mix));
      progress_.push_back(makeShared<Progress>());
    }
  }

  // Nullopt when all went well.
  std::optional<std::string> run() {
    if (Random(seed_).oneIn(2))
      for (std::size_t n = 0; n < workloads_.size(); ++n)
        if (const auto failure = prepareFirst(n)) return failure;
    std::vector<pid_t> children;
    std::vector<Progress*> progress;
    for (std::size_t n = 0; n < workloads_.size(); ++n) {
      progress.push_back(progress_[n].get());
      children.push_back(startChild(*progress_[n], kLimit, [this, n] {
        awaitTracer();
        showRecorded();
        perform(n);
      }));
    }
    Recorded recorded = record(dir_.string(), children, progress);
    log_ = std::move(recorded.log);
    for (std::size_t n = 0; n < children.size(); ++n)
      if (const auto failure = failureOf(recorded.statuses[n], *progress_[n])) return failure;
    return std::nullopt;
  }

  const Log& log() const { return log_; }

  std::vector<Witness> witnessesAt(std::size_t cut) const {
    const std::vector<Mark>& marks = log_.marksAt(cut);
    const bool isPower = options_.durability == "power";
    std::vector<Witness> all;
    for (std::size_t n = 0; n < workloads_.size(); ++n)
      all.push_back(
          {&workloads_[n], isPower ? marks[n].acknowledged : marks[n].synced, marks[n].begun});
    return all;
  }

 private:
  std::optional<std::string> prepareFirst(std::size_t n) {
    const auto failure = waitFor(
        startChild(*progress_[n], kLimit, [&] { prepare(config_, workloads_[n], *progress_[n]); }),
        *progress_[n]);
    progress_[n]->synced = progress_[n]->acknowledged.load();  // the recording begins from there
    return failure;
  }

  void perform(std::size_t n) {
    Storage storage = Storage::open(config_);
    workAndSync(storage, workloads_[n], progress_[n]->acknowledged, Random(seed_ + n),
                *progress_[n]);
  }

  const Options& options_;
  const std::uint64_t seed_;
  TempDir dir_;
  Json config_;
  std::vector<Workload> workloads_;
  std::vector<Shared<Progress>> progress_;
  Log log_;
};

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
  const pid_t child = startChild(*progress, kLimit, [&] {
    awaitTracer();
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
  Point(const Options& options, const Round& round, std::uint64_t seed, std::size_t number)
      : options_(options), round_(round), random_(seed * 1'000'003 + number) {
    cut_ = random_.below(round.log().entries.size() + 1);
    policy_ = policyOf(number);
    state_ = afterCut(round.log(), cut_, policy_, random_);
    story_ = describeCut(round.log(), cut_, policy_);
  }

  std::size_t sum() const { return fingerprint(state_) + cut_; }
  const std::string& story() const { return story_; }
  std::string kind() const { return describe(policy_); }

  // What is wrong with the store; nullopt for nothing.
  std::optional<std::string> judgeStore(Tally& tally) {
    if (random_.oneIn(4)) {
      tally.count("cut again in recovery");
      if (const auto failure = cutAgain()) return failure;
    }
    const TempDir dir;
    writeTree(state_, dir.string());
    const auto took = makeShared<std::int64_t>();
    const auto failure = runInChild(kLimit, [&] {
      *took = judge(options_, dir.string() + "/store", round_.witnessesAt(cut_)).count();
    });
    tally.longest("longest opening", std::chrono::milliseconds(*took));
    return failure;
  }

  // Leaves the state where HEXPAGE_KEEP says, to be looked at.
  void keep(std::size_t number) const {
    const char* const where = std::getenv("HEXPAGE_KEEP");
    if (where == nullptr) return;
    const std::string directory = std::string(where) + "/" + std::to_string(number);
    std::filesystem::create_directories(directory);
    writeTree(state_, directory);
  }

 private:
  std::optional<std::string> cutAgain() {
    const TempDir dir;
    writeTree(state_, dir.string());
    std::string failure;
    const auto log = recordOpening(options_, dir.string(), failure);
    if (!log) return failure;
    const std::size_t cut = random_.below(log->entries.size() + 1);
    const Policy policy = policyOf(random_.below(kPolicies));
    state_ = afterCut(*log, cut, policy, random_);
    story_ += "; in the opening " + describeCut(*log, cut, policy);
    return std::nullopt;
  }

  const Options& options_;
  const Round& round_;
  Random random_;
  std::size_t cut_ = 0;
  Policy policy_;
  TreeImage state_;
  std::string story_;
};

void tryPoints(const Options& options, std::uint64_t seed, Tally& tally) {
  Round round(options, seed);
  tally.count("workloads");
  if (const auto failure = round.run())
    return tally.failure("workload", "the workload: " + *failure, options.flags(seed));
  tally.count("changes", round.log().entries.size());
  std::unordered_set<std::size_t> seen;
  const std::size_t first = options.point != 0 ? options.point : 1;
  const std::size_t last = options.point != 0 ? options.point : kPointsPerWorkload;
  for (std::size_t n = first; n <= last && tally.goesOn(); ++n) {
    Point point(options, round, seed, n);
    if (!seen.insert(point.sum()).second) continue;
    tally.point();
    const auto failure = point.judgeStore(tally);
    if (!failure) continue;
    tally.failure(point.kind(), point.story() + ": " + *failure,
                  options.flags(seed) + " --point " + std::to_string(n));
    point.keep(n);
  }
}

}  // namespace

int runPower(const Options& options) {
  Tally tally(options);
  if (options.point != 0)
    tryPoints(options, options.seed, tally);
  else
    for (std::uint64_t seed = options.seed; tally.goesOn(); ++seed) tryPoints(options, seed, tally);
  return tally.finish();
}

}  // namespace hexpage::torture
