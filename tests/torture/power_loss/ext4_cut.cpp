// One point: an ext4 is shut down under the processes that work on a store in it, mounted again,
// and the store is judged.
#include <algorithm>
#include <array>
#include <iostream>
#include <thread>

#include "loop_disk.hpp"
#include "tests/support/random.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/judge.hpp"
#include "tests/torture/modes.hpp"
#include "tests/torture/tally.hpp"
#include "tests/torture/worker.hpp"

namespace hexpage::torture {
namespace {

using testing::Random;

constexpr std::size_t kOperations = 400;

// Without auto_da_alloc, which would sync the contents of a file that is renamed over another.
constexpr std::array kMounts = {"noauto_da_alloc", "noauto_da_alloc,data=writeback",
                                "noauto_da_alloc,commit=1", "defaults"};

class Ext4Point {
 public:
  Ext4Point(const Options& options, std::uint64_t seed)
      : options_(options), random_(seed), config_(options.config(disk_.directory() + "/store")) {
    const Mix mix = options.isOneFile ? Mix::OneFile : Mix::All;
    for (std::size_t n = 0; n < options.processes; ++n) {
      workloads_.push_back(makeWorkload(seed, n, kOperations, mix));
      progress_.push_back(makeShared<Progress>());
    }
  }

  // What is wrong; nullopt for nothing.
  std::optional<std::string> run(Tally& tally) {
    const std::string options = kMounts[random_.below(kMounts.size())];
    disk_.mount(options);
    const std::vector<Witness> witnesses = workAndCut();
    disk_.unmount();
    disk_.mount(options);
    story_ = "mounted with " + options + ", cut after " +
             std::to_string(progress_[0]->acknowledged) + " operations";
    const auto took = makeShared<std::int64_t>();
    const auto failure = runInChild(kChildLimit, [&] {
      *took = judge(options_, disk_.directory() + "/store", witnesses).count();
    });
    tally.longest("longest opening", std::chrono::milliseconds(*took));
    return failure;
  }

  const std::string& story() const { return story_; }

 private:
  std::vector<Witness> workAndCut() {
    std::vector<pid_t> children;
    for (std::size_t n = 0; n < workloads_.size(); ++n)
      children.push_back(startChild(*progress_[n], kChildLimit, [this, n] {
        Storage storage = Storage::open(config_);
        workAndSync(storage, workloads_[n], 0, workloads_[n].operations.size(),
                    Random(random_.below(1000) + n), *progress_[n]);
      }));
    awaitOperations();
    std::vector<Witness> witnesses;
    for (std::size_t n = 0; n < workloads_.size(); ++n)
      witnesses.push_back({&workloads_[n], options_.durability == "power"
                                               ? progress_[n]->acknowledged
                                               : progress_[n]->synced});
    disk_.cut();
    // What a worker says now is that its disk is gone.
    for (std::size_t n = 0; n < children.size(); ++n) waitFor(children[n], *progress_[n]);
    for (std::size_t n = 0; n < workloads_.size(); ++n) witnesses[n].atMost = progress_[n]->begun;
    return witnesses;
  }

  // Until the first worker is at an operation of choice, and then some time or none.
  void awaitOperations() {
    const std::size_t target = random_.below(workloads_[0].operations.size());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (progress_[0]->begun < target && std::chrono::steady_clock::now() < deadline &&
           progress_[0]->failure[0] == '\0')
      std::this_thread::yield();
    if (random_.oneIn(2))
      std::this_thread::sleep_for(std::chrono::microseconds(random_.below(20'000)));
  }

  const Options& options_;
  Random random_;
  LoopDisk disk_;
  Json config_;
  std::vector<Workload> workloads_;
  std::vector<Shared<Progress>> progress_;
  std::string story_;
};

// Why it can not be done here; nullopt when it can.
std::optional<std::string> hindrance() {
  try {
    LoopDisk::makePrivate();
    LoopDisk disk;
    disk.mount("defaults");
    disk.cut();
    disk.unmount();
    return std::nullopt;
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

int runExt4Cut(const Options& options) {
  if (const auto reason = hindrance()) {
    std::cout << "ext4cut skipped: " << *reason << std::endl;
    return 0;
  }
  Tally tally(options);
  for (std::uint64_t seed = options.seed; tally.goesOn(); ++seed) {
    Ext4Point point(options, seed);
    const auto failure = point.run(tally);
    tally.point();
    if (failure)
      tally.failure("ext4", point.story() + ": " + *failure,
                    options.flags(seed) + " --most 1 (the moment differs each time)");
  }
  return tally.finish();
}

}  // namespace hexpage::torture
