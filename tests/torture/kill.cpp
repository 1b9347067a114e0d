// One point: a worker is killed just before or just after its Nth changing system call, in a third
// of the points who opens the store next is killed as well, and then the store is judged. With
// several processes the others are killed with it in half of the points; else they work on and must
// not notice.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <numeric>
#include <thread>

#include "child.hpp"
#include "judge.hpp"
#include "modes.hpp"
#include "tally.hpp"
#include "tests/support/random.hpp"
#include "tracer.hpp"
#include "worker.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::Random;
using hexpage::testing::TempDir;

constexpr std::size_t kOperations = 14;
constexpr std::size_t kPointsPerWorkload = 300;

// The changing calls of a child are counted from 1; point 2n-1 kills before the nth, 2n after it.
class KillAt {
 public:
  explicit KillAt(std::size_t point) : point_(point) {}

  Action operator()(const Call& call) {
    if (!call.isChanging()) return {};
    ++calls_;
    if (point_ == 0 || calls_ != (point_ + 1) / 2) return {};
    name_ = call.name;
    return {point_ % 2 == 1 ? Action::KillBefore : Action::KillAfter};
  }

  std::size_t calls() const { return calls_; }
  bool hasKilled() const { return !name_.empty(); }
  std::string describe() const {
    return std::string(point_ % 2 == 1 ? "before" : "after") + " call " + std::to_string(calls_) +
           " (" + name_ + ")";
  }

 private:
  std::size_t point_;
  std::size_t calls_ = 0;
  std::string name_;
};

class Point {
 public:
  Point(const Options& options, std::uint64_t seed)
      : options_(options), config_(options.config(dir_.string() + "/store")) {
    const Mix mix = options.isOneFile ? Mix::OneFile : Mix::All;
    for (std::size_t n = 0; n < options.processes; ++n) {
      workloads_.push_back(makeWorkload(seed, n, kOperations, mix));
      progress_.push_back(makeShared<Progress>());
    }
  }

  enum class Others { WorkOn, AreKilled };

  // Gives the number of changing calls that the first worker came to.
  std::size_t kill(std::size_t point, Others what) {
    std::vector<pid_t> others;
    for (std::size_t n = 1; n < workloads_.size(); ++n) others.push_back(startOther(n));
    const pid_t victim = startChild(*progress_[0], kChildLimit, [&] {
      awaitTracer();
      prepareTogether(0);
      showCalls(changingGroups());
      finish(0);
    });
    KillAt killer(point);
    const int status = trace(victim, std::ref(killer));
    if (killer.hasKilled()) story_ = "killed " + killer.describe();
    note(killer.hasKilled() ? std::nullopt : failureOf(status, *progress_[0]), "the worker");
    const bool areKilled = killer.hasKilled() && what == Others::AreKilled && !others.empty();
    if (areKilled) story_ += " with all others";
    for (const pid_t other : others)
      if (areKilled) ::kill(other, SIGKILL);
    for (std::size_t n = 0; n < others.size(); ++n) {
      const auto failure = waitFor(others[n], *progress_[n + 1]);
      if (!areKilled || progress_[n + 1]->failure[0] != '\0') note(failure, "another process");
    }
    return killer.calls();
  }

  // Opens the store in a process that is killed, too; false when it came to its end before that.
  bool killInRecovery(std::size_t point) {
    const auto progress = makeShared<Progress>();
    const pid_t victim = startChild(*progress, kChildLimit, [&] {
      awaitTracer();
      showCalls(changingGroups());
      Storage storage = Storage::open(config_);
      readAll(storage);
    });
    KillAt killer(point);
    const int status = trace(victim, std::ref(killer));
    if (killer.hasKilled())
      story_ += ", in recovery " + killer.describe();
    else
      note(failureOf(status, *progress), "recovery");
    return killer.hasKilled();
  }

  void judgeStore(Tally& tally) {
    const auto took = makeShared<std::int64_t>();
    note(runInChild(kChildLimit, [&] { *took = judge(options_, storeDir(), witnesses()).count(); }),
         "the store");
    tally.longest("longest opening", std::chrono::milliseconds(*took));
  }

  const std::string& failure() const { return failure_; }
  // The same for what probably has the same cause.
  std::string kind() const {
    const std::size_t begun = progress_[0]->begun;
    return begun == 0 ? "no operation" : word(workloads_[0].operations[begun - 1].kind);
  }
  std::string story() const { return story_ + " in " + openOperation(); }

 private:
  std::string storeDir() const { return dir_.string() + "/store"; }

  pid_t startOther(std::size_t n) {
    return startChild(*progress_[n], kChildLimit, [&, n] {
      prepareTogether(n);
      finish(n);
    });
  }

  // So that each finds what all have prepared.
  void prepareTogether(std::size_t n) {
    prepare(config_, workloads_[n], *progress_[n]);
    ++*prepared_;
    while (*prepared_ < workloads_.size()) std::this_thread::yield();
  }

  void finish(std::size_t n) {
    Storage storage = Storage::open(config_);
    work(storage, workloads_[n], workloads_[n].prepared, workloads_[n].operations.size(),
         *progress_[n]);
  }

  std::vector<Witness> witnesses() const {
    std::vector<Witness> all;
    for (std::size_t n = 0; n < workloads_.size(); ++n)
      all.push_back({&workloads_[n], progress_[n]->acknowledged, progress_[n]->begun});
    return all;
  }

  std::string openOperation() const {
    const std::size_t begun = progress_[0]->begun;
    if (begun == progress_[0]->acknowledged) return "no operation";
    return "operation " + std::to_string(begun) + ", " +
           describe(workloads_[0].operations[begun - 1]);
  }

  void note(const std::optional<std::string>& failure, const std::string& whose) {
    if (failure && failure_.empty()) failure_ = whose + ": " + *failure;
  }

  const Options& options_;
  TempDir dir_;
  Json config_;
  std::vector<Workload> workloads_;
  std::vector<Shared<Progress>> progress_;
  Shared<std::atomic<std::size_t>> prepared_ = makeShared<std::atomic<std::size_t>>();
  std::string story_ = "not killed";
  std::string failure_;
};

std::size_t tryPoint(const Options& options, std::uint64_t seed, std::size_t n, Tally& tally) {
  Point point(options, seed);
  Random random(seed + n);
  const std::size_t calls =
      point.kill(n, random.oneIn(2) ? Point::Others::AreKilled : Point::Others::WorkOn);
  if (n != 0 && random.oneIn(3))
    for (bool again = true; again; again = again && random.oneIn(3)) {
      again = point.killInRecovery(1 + random.below(60 * options.processes));
      tally.count("killed again in recovery", again ? 1 : 0);
    }
  point.judgeStore(tally);
  tally.point();
  if (!point.failure().empty())
    tally.failure(point.kind(), point.story() + ": " + point.failure(),
                  options.flags(seed) + " --point " + std::to_string(n));
  return calls;
}

// The points of one workload in an order that its seed shuffles.
std::vector<std::size_t> pointsOf(std::size_t calls, std::uint64_t seed) {
  std::vector<std::size_t> points(2 * calls);
  std::iota(points.begin(), points.end(), std::size_t{1});
  std::shuffle(points.begin(), points.end(), std::mt19937_64(seed));
  if (points.size() > kPointsPerWorkload) points.resize(kPointsPerWorkload);
  return points;
}

}  // namespace

int runKill(const Options& given) {
  Tally tally(given);
  if (given.point != 0) {
    tryPoint(given.forRound(given.seed), given.seed, given.point, tally);
    return tally.finish();
  }
  for (std::uint64_t seed = given.seed; tally.goesOn(); ++seed) {
    const Options options = given.forRound(seed);
    tally.count("workloads");
    for (const std::size_t n : pointsOf(tryPoint(options, seed, 0, tally), seed))
      if (tally.goesOn()) tryPoint(options, seed, n, tally);
  }
  return tally.finish();
}

}  // namespace hexpage::torture
