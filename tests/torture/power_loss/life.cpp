#include "life.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <stdexcept>

#include "image.hpp"
#include "recorder.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/tracer.hpp"
#include "tests/torture/worker.hpp"

namespace hexpage::torture {
namespace {

using testing::Random;
using testing::TempDir;

constexpr std::size_t kOperations = 80;  // of a worker, in all lives
constexpr std::size_t kInALife = 20;

// Ends with the last process that holds it.
class Lifeline {
 public:
  Lifeline() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  }
  ~Lifeline() { ::close(ends_[0]); }
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  // In a child: by its last descriptor, which is closed behind all others.
  void hold() const {
    constexpr int kLast = 1000;
    if (::fcntl(ends_[1], F_DUPFD_CLOEXEC, kLast) < 0) throw std::runtime_error("dup");
    ::close(ends_[1]);
  }
  // In the parent, once the children have it.
  void release() const { ::close(ends_[1]); }
  void awaitEnd() const {
    ::close(ends_[1]);
    char byte;
    static_cast<void>(::read(ends_[0], &byte, 1));
  }

 private:
  std::array<int, 2> ends_{};
};

class Life {
 public:
  Life(const Options& options, const Workers& workers, Random& random)
      : workers_(workers),
        random_(random),
        isBinary_(options.backend == "binary"),
        config_(options.config(dir_.string() + "/store")) {
    for (std::size_t n = 0; n < workers.count(); ++n) progress_.push_back(makeShared<Progress>());
  }

  void prepareStore() {
    for (std::size_t n = 0; n < workers_.count(); ++n) {
      Progress& progress = *progress_[n];
      expectWell(waitFor(startChild(progress, kChildLimit,
                                    [&] { prepare(config_, workers_.workload(n), progress); }),
                         progress));
      progress.synced = progress.acknowledged.load();  // the recording begins from there
    }
  }

  void beginAt(const Beginning& beginning) {
    writeTree(beginning.tree, dir_.string());
    witnesses_ = workers_.witnesses(beginning.marks);
    for (std::size_t n = 0; n < workers_.count(); ++n) {
      progress_[n]->begun = static_cast<std::uint32_t>(witnesses_[n].atMost);
      progress_[n]->acknowledged = static_cast<std::uint32_t>(witnesses_[n].atLeast);
      progress_[n]->synced = beginning.marks[n].synced;
    }
  }

  Log record() {
    const bool isFollowed = random_.oneIn(3);  // by one who opens what they leave
    const Lifeline lifeline;
    std::vector<pid_t> children;
    std::vector<Progress*> progress;
    for (std::size_t n = 0; n < workers_.count(); ++n) {
      const Random own(random_.below(1'000'000));
      progress.push_back(progress_[n].get());
      children.push_back(startChild(*progress_[n], kChildLimit, [&, this, n, own] {
        lifeline.hold();
        awaitTracer();
        beRecorded();
        perform(n, own);
      }));
    }
    std::optional<KillAt> kill;
    if (isFollowed)
      kill = {children.back(), random_.below(100), {children.begin(), children.end() - 1}};
    else if (children.size() > 1 && random_.oneIn(2))
      kill = {children.back(), random_.below(100)};
    const auto ofFollower = makeShared<Progress>();
    if (isFollowed)
      children.push_back(startChild(*ofFollower, kChildLimit, [&, this] {
        awaitTracer();
        lifeline.awaitEnd();
        beRecorded();
        Storage storage = Storage::open(config_);
        readAll(storage);
      }));
    lifeline.release();
    Recorded recorded = torture::record(dir_.string(), children, progress, kill);
    progress.push_back(ofFollower.get());
    for (std::size_t n = 0; n < children.size(); ++n) {
      const bool mayBeKilled =
          kill && n < workers_.count() && (isFollowed || children[n] == kill->child);
      const int status = recorded.statuses[n];
      if (!mayBeKilled || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        expectWell(failureOf(status, *progress[n]));
    }
    return std::move(recorded.log);
  }

 private:
  static void expectWell(const std::optional<std::string>& failure) {
    if (failure) throw std::runtime_error("a worker: " + *failure);
  }

  void beRecorded() const {
    if (isBinary_) writeByCallsAlone();
    showRecorded();
  }

  void perform(std::size_t n, const Random& random) const {
    Progress& progress = *progress_[n];
    const Workload& workload = workers_.workload(n);
    Storage storage = Storage::open(config_);
    if (!witnesses_.empty()) {  // what a first opening has found stays
      const Contents part = readPart(storage, workload.worker, kSharedHash);
      progress.begun = progress.acknowledged =
          static_cast<std::uint32_t>(positionIn(part, witnesses_[n]));
    }
    const std::size_t first = progress.acknowledged;
    workAndSync(storage, workload, first, std::min(first + kInALife, workload.operations.size()),
                random, progress);
  }

  const Workers& workers_;
  Random& random_;
  const TempDir dir_;
  const bool isBinary_;
  Json config_;
  std::vector<Shared<Progress>> progress_;
  std::vector<Witness> witnesses_;  // of a beginning
};

}  // namespace

Workers::Workers(const Options& options, std::uint64_t seed)
    : isPower_(options.durability == "power") {
  const Mix mix = options.isOneFile ? Mix::OneFile : Mix::All;
  for (std::size_t n = 0; n < options.processes; ++n)
    workloads_.push_back(makeWorkload(seed, n, kOperations, mix));
}

std::vector<Witness> Workers::witnesses(const std::vector<Mark>& marks) const {
  std::vector<Witness> all;
  for (std::size_t n = 0; n < workloads_.size(); ++n)
    all.push_back(
        {&workloads_[n], isPower_ ? marks[n].acknowledged : marks[n].synced, marks[n].begun});
  return all;
}

Log recordLife(const Options& options, const Workers& workers, const Beginning* beginning,
               Random& random) {
  Life life(options, workers, random);
  if (beginning != nullptr)
    life.beginAt(*beginning);
  else if (workers.count() > 1 || random.oneIn(2))  // several share a hash that one has made
    life.prepareStore();
  return life.record();
}

}  // namespace hexpage::torture
