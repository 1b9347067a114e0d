// Several real processes, each with several threads, work on one store while one after the other is
// killed and started anew. What every reader sees must be possible, and at the end everything that
// was acknowledged is there. One point: a process that was killed, or some time without a kill.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <stdexcept>
#include <thread>

#include "child.hpp"
#include "judge.hpp"
#include "modes.hpp"
#include "racer.hpp"
#include "tally.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::Random;
using hexpage::testing::TempDir;
using std::chrono::steady_clock;

// One process's life: sessions of some hundred operations with the store open, until it is killed
// or the race is over.
class Life {
 public:
  Life(const Json& config, Ledger& ledger, std::size_t process, std::size_t threads,
       std::uint64_t seed)
      : config_(config), ledger_(ledger), process_(process), threads_(threads), random_(seed) {}

  void run() {
    while (!ledger_.isOver) {
      Storage storage = Storage::open(config_);
      session(storage, 1 + random_.below(600));
    }
  }

 private:
  void session(Storage& storage, std::size_t operations) {
    std::vector<std::string> failures(threads_);
    {
      std::vector<std::jthread> threads;
      for (std::size_t n = 0; n < threads_; ++n)
        threads.emplace_back([&, n, seed = random_.below(1'000'000'000)] {
          try {
            race(storage, process_ * threads_ + n, seed, operations);
          } catch (const std::exception& e) {
            failures[n] = e.what();
          }
        });
    }
    for (const std::string& failure : failures)
      if (!failure.empty()) throw std::runtime_error(failure);
  }

  void race(Storage& storage, std::size_t slot, std::uint64_t seed, std::size_t operations) {
    Racer racer(ledger_, slot, seed);
    racer.takeOver(storage);
    for (; operations > 0 && !ledger_.isOver; --operations) {
      const auto begin = steady_clock::now();
      racer.step(storage);
      ledger_.note(static_cast<std::uint32_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin)
              .count()));
    }
  }

  const Json& config_;
  Ledger& ledger_;
  std::size_t process_;
  std::size_t threads_;
  Random random_;
};

class Race {
 public:
  Race(const Options& options, Tally& tally)
      : options_(options),
        tally_(tally),
        limit_(options.seconds + std::chrono::seconds(60)),
        storeDir_(dir_.string() + "/store"),
        config_(options.config(storeDir_)),
        random_(options.seed),
        lives_(options.processes) {}

  void run() {
    report(runInChild(limit_,
                      [&] {
                        Storage storage = Storage::open(config_);
                        Racer::prepare(storage);
                      }),
           "preparing");
    for (Process& process : lives_) start(process);
    while (tally_.goesOn() && failures_ == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10 + random_.below(150)));
      if (!options_.isKillFree) killOne();
      tally_.point();
    }
    ledger_->isOver = true;
    for (Process& process : lives_) reap(process, false);
    if (failures_ == 0) judgeStore();
    tally_.count("operations", ledger_->operations);
    tally_.longest("longest operation", std::chrono::milliseconds(ledger_->longestMillis));
  }

 private:
  struct Process {
    pid_t pid = -1;
    Shared<Progress> progress;
  };

  void killOne() {
    Process& victim = lives_[random_.below(lives_.size())];
    ::kill(-victim.pid, SIGKILL);
    reap(victim, true);
    start(victim);
  }

  void start(Process& process) {
    const auto n = static_cast<std::size_t>(&process - lives_.data());
    const std::uint64_t seed = random_.below(1'000'000'000);
    process.progress = makeShared<Progress>();
    process.pid = startChild(*process.progress, limit_, [&, n, seed] {
      Life(config_, *ledger_, n, options_.threads, seed).run();
    });
  }

  // One that was to be killed may have found something wrong just before.
  void reap(Process& process, bool isKilled) {
    auto failure = waitFor(process.pid, *process.progress);
    if (isKilled && failure == std::string("ended by signal: ") + ::strsignal(SIGKILL))
      failure.reset();
    report(failure, "a process");
  }

  void judgeStore() {
    report(runInChild(limit_,
                      [&] {
                        {
                          Storage storage = Storage::open(config_);
                          Racer::judgeAll(storage, *ledger_);
                        }
                        judge(options_, storeDir_, {});
                      }),
           "the store in the end");
  }

  void report(const std::optional<std::string>& failure, const std::string& whose) {
    if (!failure) return;
    ++failures_;
    tally_.failure(whose, whose + ": " + *failure, options_.flags(options_.seed));
  }

  const Options& options_;
  Tally& tally_;
  std::chrono::seconds limit_;
  TempDir dir_;
  std::string storeDir_;
  Json config_;
  Random random_;
  Shared<Ledger> ledger_ = makeShared<Ledger>();
  std::vector<Process> lives_;
  std::size_t failures_ = 0;
};

}  // namespace

int runRace(const Options& given) {
  Options options = given.forRound(given.seed);
  if (options.processes == 1 && options.threads == 1) options.processes = 4;
  if (options.processes * options.threads > Ledger::kSlots)
    throw std::invalid_argument("at most " + std::to_string(Ledger::kSlots) + " threads in all");
  Tally tally(options);
  Race(options, tally).run();
  return tally.finish();
}

}  // namespace hexpage::torture
