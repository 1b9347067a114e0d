// One point: one system call of a worker (or it and the few after it of the same name) goes wrong.
// Every operation must then succeed, or fail with an error that says truly what it left; what was
// acknowledged is there when the store is opened anew; no descriptor leaks.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <new>
#include <set>
#include <stdexcept>

#include "child.hpp"
#include "errors_of_calls.hpp"
#include "judge.hpp"
#include "modes.hpp"
#include "tally.hpp"
#include "tests/support/random.hpp"
#include "tracer.hpp"
#include "worker.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::TempDir;

constexpr std::size_t kOperations = 10;
constexpr std::size_t kPointsPerWorkload = 400;

struct Fault {
  std::string call;
  std::size_t nth = 1;  // call of that name
  std::size_t times = 1;
  Wrong wrong;

  std::string kind() const { return call + " gave " + torture::describe(wrong); }
  std::string describe() const {
    return call + " " + std::to_string(nth) + (times > 1 ? " and the next" : "") + " gave " +
           torture::describe(wrong);
  }
};

struct Counts {
  std::uint32_t failed = 0;
  std::uint32_t failedButDone = 0;
};

// What each open descriptor is open on.
std::multiset<std::string> openDescriptors() {
  std::multiset<std::string> open;
  for (int fd = 0; fd < 512; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) continue;
    char target[256] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    if (::readlink(link.c_str(), target, sizeof target - 1) >= 0) open.insert(target);
  }
  return open;
}

void expectNoLeak(const std::multiset<std::string>& before) {
  std::string leaked;
  for (const std::string& target : openDescriptors())
    if (!before.contains(target)) leaked += " " + target;
  if (!leaked.empty()) throw std::runtime_error("descriptors leaked:" + leaked);
}

// Performs the workload and holds every error to its word.
class FaultyWorker {
 public:
  FaultyWorker(const Json& config, const Workload& workload, const Fault& fault, Progress& progress,
               Counts& counts)
      : config_(config),
        workload_(workload),
        fault_(fault),
        progress_(progress),
        counts_(counts),
        model_(workload.after(workload.prepared)) {}

  void run() {
    const std::multiset<std::string> before = openDescriptors();
    for (std::size_t i = workload_.prepared; i < workload_.operations.size(); ++i) step(i);
    storage_.reset();
    expectNoLeak(before);
  }

 private:
  void step(std::size_t i) {
    const Operation& operation = workload_.operations[i];
    progress_.begun = static_cast<std::uint32_t>(i + 1);
    try {
      openIfClosed();
      perform(operation, *storage_);
      perform(operation, model_);
    } catch (const Error& e) {
      failed(i, e.code(), e.what());
    } catch (const std::bad_alloc& e) {
      if (fault_.wrong.error != ENOMEM) throw;
      failed(i, Code::Io, e.what());
    }
    progress_.acknowledged = static_cast<std::uint32_t>(i + 1);
  }

  void failed(std::size_t i, Code code, const std::string& message) {
    ++counts_.failed;
    const Operation& operation = workload_.operations[i];
    const std::string what = torture::describe(operation) + " failed: " + message;
    if (fault_.wrong.isHarmless && fault_.times == 1)
      throw std::runtime_error("a call that only has to be made again: " + what);
    if (code == Code::ReadOnly) storage_.reset();
    Contents done = model_;
    perform(operation, done);
    const Contents found = workload_.partOf(readWhenItWorks());
    if (found == model_) {
      progress_.effects[i] = Progress::Effect::None;
      return;
    }
    if (found != done) throw std::runtime_error(what + "; then " + *difference(found, model_));
    const bool mayBeDone = code == Code::Io || code == Code::Corrupt;
    if (!mayBeDone) throw std::runtime_error(what + "; but it was done");
    ++counts_.failedButDone;
    model_ = std::move(done);
  }

  // The fault may strike the looking as well, but not for ever.
  Contents readWhenItWorks() {
    for (std::size_t left = fault_.times + 1;; --left) {
      try {
        openIfClosed();
        return readAll(*storage_);
      } catch (const Error&) {
        if (left == 0) throw;
        storage_.reset();
      } catch (const std::bad_alloc&) {
        if (left == 0) throw;
      }
    }
  }

  void openIfClosed() {
    if (!storage_) storage_.emplace(Storage::open(config_));
  }

  const Json& config_;
  const Workload& workload_;
  const Fault& fault_;
  Progress& progress_;
  Counts& counts_;
  Contents model_;
  std::optional<Storage> storage_;
};

// The workload without the operations that failed and had no effect.
Workload withoutFailed(const Workload& workload, const Progress& progress) {
  Workload rest{workload.worker, {}, workload.prepared};
  for (std::size_t i = 0; i < workload.operations.size(); ++i)
    if (progress.effects[i] == Progress::Effect::Done)
      rest.operations.push_back(workload.operations[i]);
  return rest;
}

class Point {
 public:
  Point(const Options& options, std::uint64_t seed)
      : options_(options),
        dirName_(dir_.string() + "/store"),
        config_(options.config(dirName_)),
        workload_(makeWorkload(seed, 0, kOperations)) {}

  // Runs the workload while `decide` looks at its calls; "" when all is well.
  std::string run(const Fault& fault, const Decide& decide) {
    const pid_t child = startChild(*progress_, kChildLimit, [&] {
      awaitTracer();
      prepare(config_, workload_, *progress_);
      showCalls(allGroups());
      FaultyWorker(config_, workload_, fault, *progress_, *counts_).run();
    });
    if (const auto failure = failureOf(trace(child, decide), *progress_))
      return "the worker in " + openOperation() + ": " + *failure;
    const Workload done = withoutFailed(workload_, *progress_);
    const std::size_t all = done.operations.size();
    const auto failure = runInChild(kChildLimit, [&] {
      judge(options_, dirName_, {{&done, all, all}});
    });
    return failure ? "opened anew: " + *failure : "";
  }

  const Counts& counts() const { return *counts_; }

 private:
  std::string openOperation() const {
    const std::size_t begun = progress_->begun;
    return begun == 0 ? "no operation" : torture::describe(workload_.operations[begun - 1]);
  }

  const Options& options_;
  TempDir dir_;
  std::string dirName_;
  Json config_;
  Workload workload_;
  Shared<Progress> progress_ = makeShared<Progress>();
  Shared<Counts> counts_ = makeShared<Counts>();
};

// Every way in which each call of the workload can fail, shuffled by its seed.
std::vector<Fault> faultsOf(const Options& options, std::uint64_t seed, Tally& tally) {
  std::vector<Fault> faults;
  std::map<std::string, std::size_t> calls;
  const std::string failure = Point(options, seed).run({}, [&](const Call& call) {
    const std::vector<Wrong> ways = waysToFail(call);
    if (ways.empty()) return Action{};
    const std::size_t nth = ++calls[call.name];
    for (const Wrong& wrong : ways) faults.push_back({call.name, nth, 1, wrong});
    return Action{};
  });
  if (!failure.empty())
    tally.failure("no fault", "without a fault: " + failure, options.flags(seed));
  hexpage::testing::Random random(seed);
  for (Fault& fault : faults) fault.times = random.oneIn(4) ? 5 : 1;
  std::shuffle(faults.begin(), faults.end(), std::mt19937_64(seed));
  return faults;
}

void tryFault(const Options& options, std::uint64_t seed, const Fault& fault, std::size_t number,
              Tally& tally) {
  Point point(options, seed);
  std::size_t seen = 0;
  const std::string failure = point.run(fault, [&](const Call& call) {
    if (fault.call != call.name || waysToFail(call).empty()) return Action{};
    ++seen;
    if (seen < fault.nth || seen >= fault.nth + fault.times) return Action{};
    return fault.wrong.error == 0 ? Action{Action::Shorten}
                                  : Action{Action::Fail, fault.wrong.error};
  });
  tally.point();
  tally.count("operations failed", point.counts().failed);
  tally.count("of them whole all the same", point.counts().failedButDone);
  if (!failure.empty())
    tally.failure(fault.kind(), fault.describe() + ": " + failure,
                  options.flags(seed) + " --point " + std::to_string(number));
}

}  // namespace

int runFault(const Options& given) {
  Tally tally(given);
  for (std::uint64_t seed = given.seed; tally.goesOn(); ++seed) {
    const Options options = given.forRound(seed);
    const std::vector<Fault> faults = faultsOf(options, seed, tally);
    const std::size_t most = std::min(faults.size(), kPointsPerWorkload);
    const std::size_t first = options.point == 0 ? 0 : options.point - 1;
    const std::size_t last = options.point == 0 ? most : options.point;
    for (std::size_t n = first; n < last && n < faults.size() && tally.goesOn(); ++n)
      tryFault(options, seed, faults[n], n + 1, tally);
    if (options.point != 0) break;
  }
  return tally.finish();
}

}  // namespace hexpage::torture
