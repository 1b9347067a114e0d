// One point: the disk has room for only so many bytes or files when a worker goes on, in steps of
// 4 KiB or of one file. What does not fit must fail with NoSpace and have no effect, reads and
// removals go on, the store opens while the disk is full, and all is well once there is room.
#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "child.hpp"
#include "contents.hpp"
#include "judge.hpp"
#include "modes.hpp"
#include "power_loss/loop_disk.hpp"
#include "small_disk.hpp"
#include "tally.hpp"
#include "workload.hpp"

namespace hexpage::torture {
namespace {

constexpr std::size_t kOperations = 30;

enum class Scarce { Bytes, BytesAtOpening, Files, FilesAtOpening };
constexpr std::size_t kScarce = 4;
constexpr std::size_t kSteps = 100;

struct Counts {
  std::uint32_t refused = 0;
};

bool isRemoval(const Operation& operation) {
  return operation.kind == Kind::Remove || operation.kind == Kind::RemoveMany ||
         operation.kind == Kind::Drop || operation.kind == Kind::EraseRecord;
}

class FullDisk {
 public:
  FullDisk(const Options& options, std::uint64_t seed, Scarce scarce, std::size_t left,
           Counts& counts)
      : options_(options),
        scarce_(scarce),
        left_(left),
        counts_(counts),
        dir_(disk_.directory() + "/store"),
        config_(options.config(dir_)),
        workload_(makeWorkload(seed, 0, kOperations)) {
    done_.worker = workload_.worker;
  }

  void run() {
    prepare();
    for (std::size_t i = workload_.prepared; i < workload_.operations.size(); ++i)
      step(workload_.operations[i]);
    expectModel("after the workload");
    storage_.reset();
    open();
    expectModel("opened while the disk is full");
    storage_.reset();
    disk_.makeRoom();
    judge(options_, dir_, {{&done_, done_.operations.size(), done_.operations.size()}});
  }

 private:
  bool isAtOpening() const {
    return scarce_ == Scarce::BytesAtOpening || scarce_ == Scarce::FilesAtOpening;
  }

  void prepare() {
    open();
    for (std::size_t i = 0; i < workload_.prepared; ++i) {
      perform(workload_.operations[i], *storage_);
      remember(workload_.operations[i]);
    }
    if (isAtOpening()) storage_.reset();
    if (scarce_ == Scarce::Bytes || scarce_ == Scarce::BytesAtOpening)
      disk_.leaveBytes(left_ * 4096);
    else
      disk_.leaveFiles(left_);
    if (isAtOpening()) open();
  }

  void step(const Operation& operation) {
    try {
      perform(operation, *storage_);
      remember(operation);
      return;
    } catch (const Error& e) {
      const bool mayBe = e.code() == Code::NoSpace || (isAtOpening() && e.code() == Code::ReadOnly);
      const std::string what = describe(operation) + " failed: " + e.what();
      if (!mayBe) throw std::runtime_error(what);
      if (isRemoval(operation) && !isAtOpening())
        throw std::runtime_error("a removal does not work: " + what);
      ++counts_.refused;
      expectModel(what + "; then");
    }
  }

  void remember(const Operation& operation) {
    perform(operation, model_);
    done_.operations.push_back(operation);
  }

  void open() { storage_.emplace(Storage::open(config_)); }

  void expectModel(const std::string& when) {
    if (const auto differs = difference(readAll(*storage_), model_))
      throw std::runtime_error(when + ": " + *differs);
  }

  const Options& options_;
  Scarce scarce_;
  std::size_t left_;
  Counts& counts_;
  SmallDisk disk_;
  std::string dir_;
  Json config_;
  Workload workload_;
  Workload done_;  // what has been acknowledged
  Contents model_;
  std::optional<Storage> storage_;
};

std::string describe(Scarce scarce, std::size_t left) {
  const bool isBytes = scarce == Scarce::Bytes || scarce == Scarce::BytesAtOpening;
  const bool isAtOpening = scarce == Scarce::BytesAtOpening || scarce == Scarce::FilesAtOpening;
  return "room for " + std::to_string(isBytes ? 4 * left : left) + (isBytes ? " KiB" : " files") +
         (isAtOpening ? " at the opening" : "");
}

void tryPoint(const Options& options, std::uint64_t seed, std::size_t n, Tally& tally) {
  const auto scarce = static_cast<Scarce>((n - 1) % kScarce);
  const std::size_t left = (n - 1) / kScarce;
  const auto counts = makeShared<Counts>();
  const auto failure =
      runInChild(kChildLimit, [&] { FullDisk(options, seed, scarce, left, *counts).run(); });
  tally.point();
  tally.count("operations refused", counts->refused);
  if (failure)
    tally.failure(describe(scarce, 0), describe(scarce, left) + ": " + *failure,
                  options.flags(seed) + " --point " + std::to_string(n));
}

std::optional<std::string> hindrance() {
  try {
    LoopDisk::makePrivate();
    SmallDisk disk;
    return std::nullopt;
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

int runFull(const Options& given) {
  if (const auto reason = hindrance()) {
    std::cout << "full skipped: " << *reason << std::endl;
    return 0;
  }
  Tally tally(given);
  if (given.point != 0) {
    tryPoint(given.forRound(given.seed), given.seed, given.point, tally);
    return tally.finish();
  }
  // A short run takes samples of the whole sweep.
  const std::size_t stride =
      given.most == 0 ? 1 : std::max<std::size_t>(1, kScarce * kSteps / given.most);
  for (std::uint64_t seed = given.seed; tally.goesOn(); ++seed) {
    const Options options = given.forRound(seed);
    for (std::size_t n = 1; n <= kScarce * kSteps && tally.goesOn(); n += stride)
      tryPoint(options, seed, n, tally);
  }
  return tally.finish();
}

}  // namespace hexpage::torture
