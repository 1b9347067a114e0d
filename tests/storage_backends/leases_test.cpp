// Leases: what processes see of each other. The processes are real ones, forked before they open
// the store.
#include "support/leases.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <semaphore>
#include <thread>

#include "support/fd.hpp"
#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage {
namespace {

using testing::Line;
using testing::Process;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kSlots = 256;
constexpr Millis kPatience{20'000};

// What a test waits for from another thread.
class Signal {
 public:
  void give() { given_.release(); }
  bool await() { return given_.try_acquire_for(kPatience); }

 private:
  std::counting_semaphore<> given_{0};
};

// Counters that the processes of a test share.
struct Shared {
  std::array<std::atomic<std::int64_t>, 16> counters;
};

class LeasesTest : public ::testing::Test {
 protected:
  LeasesTest()
      : shared_(static_cast<Shared*>(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                                            MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~LeasesTest() override { ::munmap(shared_, sizeof(Shared)); }

  std::unique_ptr<Leases> open(LeaseEvents events = {}, const LeaseOptions& options = {}) const {
    const Fd directory(::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return std::make_unique<Leases>(directory.get(), kSlots, std::move(events), options);
  }
  std::unique_ptr<Leases> opened(LeaseEvents events = {}, const LeaseOptions& options = {}) const {
    auto leases = open(std::move(events), options);
    leases->start();
    return leases;
  }

  static Leases::Use exclusive(Leases& leases, std::uint32_t slot = 0,
                               Millis patience = kPatience) {
    return leases.use(slot, LockMode::Exclusive, patience, "users");
  }
  static Leases::Use shared(Leases& leases, std::uint32_t slot = 0, Millis patience = kPatience) {
    return leases.use(slot, LockMode::Shared, patience, "users");
  }

  // Opens, takes a Use of slot 0, says "held", and keeps it until it hears something.
  Process holding(LockMode mode, LeaseEvents events = {}) const {
    return Process([=, this](const Line& line) {
      const auto leases = opened(events);
      const auto use = leases->use(0, mode, kPatience, "users");
      line.say("held");
      line.hear();
    });
  }

  std::atomic<std::int64_t>& counter(std::size_t i) const { return shared_->counters[i]; }

  testing::TempDir dir_;
  Shared* shared_;
};

Millis since(Clock::time_point begin) {
  return std::chrono::duration_cast<Millis>(Clock::now() - begin);
}

TEST_F(LeasesTest, ExcludeOtherProcesses) {
  const auto here = opened();
  Process other = holding(LockMode::Exclusive);
  EXPECT_EQ(other.hear(), "held");
  const std::string message = testing::messageOf([&] { exclusive(*here, 0, Millis(50)); });
  EXPECT_EQ(message, "lock timeout: users is held by process " + std::to_string(other.pid()) +
                         ", after 50 ms");
  EXPECT_EQ(testing::failureOf([&] { shared(*here, 0, Millis(50)); }), Code::LockTimeout);
  exclusive(*here, 1);  // another slot
  other.say("end");
  exclusive(*here);
  other.expectSuccess();
}

TEST_F(LeasesTest, CountTheProcesses) {
  const auto here = opened();
  EXPECT_EQ(here->takenPlaces(), 1u);
  {
    Process other = holding(LockMode::Shared);
    EXPECT_EQ(other.hear(), "held");
    EXPECT_EQ(here->takenPlaces(), 2u);
    other.say("end");
    other.expectSuccess();
  }
  EXPECT_EQ(here->takenPlaces(), 1u);
}

TEST_F(LeasesTest, LetProcessesShare) {
  const auto here = opened();
  Process other = holding(LockMode::Shared);
  EXPECT_EQ(other.hear(), "held");
  const auto use = shared(*here);
  EXPECT_EQ(testing::failureOf([&] { exclusive(*here, 1, Millis(50)); }), std::nullopt);
  other.say("end");
  other.expectSuccess();
}

TEST_F(LeasesTest, TakeAnExclusiveLeaseAfterSharedOnes) {
  const auto here = opened();
  Process other = holding(LockMode::Shared);
  EXPECT_EQ(other.hear(), "held");
  { const auto use = shared(*here); }
  EXPECT_EQ(testing::failureOf([&] { exclusive(*here, 0, Millis(50)); }), Code::LockTimeout);
  { const auto use = shared(*here); }  // as before
  other.say("end");
  exclusive(*here);
  other.expectSuccess();
}

TEST_F(LeasesTest, AreKeptUntilAnotherProcessWantsThem) {
  counter(0) = 0;
  const LeaseEvents counted{[this](std::uint32_t slot) {
                              EXPECT_EQ(slot, 7u);
                              ++counter(0);
                            },
                            [](std::uint32_t) {}};
  const auto here = opened(counted, {.idle = Millis(60'000)});
  std::uint64_t epoch = exclusive(*here, 7).epoch();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(exclusive(*here, 7).epoch(), epoch);
  EXPECT_EQ(counter(0), 0);
  Process([this](const Line&) {
    const auto other = opened();
    exclusive(*other, 7);
    EXPECT_EQ(counter(0), 1);  // before the other one got it
  }).expectSuccess();
  EXPECT_EQ(counter(0), 1);
  EXPECT_NE(exclusive(*here, 7).epoch(), epoch);
}

// A writer waits for the hash's state while it has the writer's lock, and was asked for that one
// before it had put anything: two processes passed one hash on at each put.
TEST_F(LeasesTest, AreKeptForAWhileAfterTheirFirstUse) {
  const LeaseOptions options{.minimalHold = Millis(200), .idle = Millis(60'000)};
  const auto here = opened({}, options);
  auto first = std::make_optional(exclusive(*here));
  Process other([this](const Line& line) {
    const auto leases = opened();
    EXPECT_EQ(testing::failureOf([&] { exclusive(*leases, 0, Millis(250)); }), Code::LockTimeout);
    line.say("late");
    exclusive(*leases);
  });
  EXPECT_EQ(other.hear(), "late");
  first.reset();
  EXPECT_TRUE(here->useAtHand(0, LockMode::Exclusive));
  other.expectSuccess();
}

TEST_F(LeasesTest, NeedNoLockCallWhileNobodyElseWantsThem) {
  const auto here = opened({}, {.idle = Millis(60'000)});
  exclusive(*here);
  testing::whereFails(SYS_fcntl, EIO, [&] {
    for (int i = 0; i < 1000; ++i) exclusive(*here), shared(*here);
    EXPECT_EQ(testing::failureOf([&] { shared(*here, 1); }), Code::Io);
  });
}

TEST_F(LeasesTest, WithoutLocksOfTheSystemAreRefused) {
  const auto here = opened();
  testing::whereFails(SYS_fcntl, ENOLCK, [&] {
    EXPECT_EQ(testing::messageOf([&] { exclusive(*here); }),
              "lock .hexpage/lock: No locks available");
    EXPECT_EQ(testing::failureOf([&] { open(); }), Code::Io);
  });
}

TEST_F(LeasesTest, EpochStaysWhenNobodyChangedAnything) {
  const auto here = opened();
  const std::uint64_t epoch = shared(*here).epoch();
  Process([this](const Line&) { shared(*opened()); }).expectSuccess();
  EXPECT_EQ(shared(*here).epoch(), epoch);
  EXPECT_EQ(exclusive(*here).epoch(), epoch);
  Process([this](const Line&) { shared(*opened()); }).expectSuccess();
  EXPECT_EQ(shared(*here).epoch(), epoch);
  Process([this](const Line&) { exclusive(*opened()); }).expectSuccess();
  EXPECT_NE(shared(*here).epoch(), epoch);
}

TEST_F(LeasesTest, AreGivenBackWhenIdle) {
  std::atomic<int> released{0};
  const auto here = opened({[&](std::uint32_t) {
                              ++released;
                              released.notify_all();
                            },
                            [](std::uint32_t) {}},
                           {.idle = Millis(5)});
  const std::uint64_t epoch = exclusive(*here).epoch();
  released.wait(0);
  EXPECT_EQ(exclusive(*here).epoch(), epoch);
}

TEST_F(LeasesTest, OfADeadProcessAreRecoveredOnceAndAtOnce) {
  std::atomic<int> recovered{0};
  std::atomic<std::uint32_t> place{99};
  const auto here = opened({[](std::uint32_t) {},
                            [&](std::uint32_t dead) {
                              ++recovered;
                              place = dead;
                            }});
  Process other([this](const Line& line) {
    const auto leases = opened();
    const auto uses = leases->useAll(std::vector<std::uint32_t>{0, 1, 2}, LockMode::Exclusive,
                                     kPatience, "users");
    line.say(std::to_string(leases->self()));
    line.hear();
  });
  const std::string itsPlace = other.hear();
  const std::uint64_t epoch = shared(*here, 3).epoch();
  other.kill(SIGKILL);
  other.waitForEnd();
  const auto begin = Clock::now();
  for (const std::uint32_t slot : {0, 1, 2}) exclusive(*here, slot);
  EXPECT_LT(since(begin), Millis(100));
  EXPECT_EQ(recovered, 1);
  EXPECT_EQ(std::to_string(place), itsPlace);
  EXPECT_EQ(shared(*here, 3).epoch(), epoch);
}

TEST_F(LeasesTest, WhoWaitsGoesOnWhenTheHolderDies) {
  std::atomic<int> recovered{0};
  const auto here = opened({[](std::uint32_t) {}, [&](std::uint32_t) { ++recovered; }});
  Process other = holding(LockMode::Exclusive);
  EXPECT_EQ(other.hear(), "held");
  Clock::time_point death;
  std::thread killer([&] {
    EXPECT_EQ(testing::failureOf([&] { exclusive(*here, 0, Millis(50)); }), Code::LockTimeout);
    death = Clock::now();
    other.kill(SIGKILL);
  });
  exclusive(*here);
  killer.join();
  EXPECT_LT(since(death), Millis(100));
  EXPECT_EQ(recovered, 1);
}

TEST_F(LeasesTest, ARecoveryThatFailsIsTriedAgain) {
  std::atomic<int> tries{0};
  const auto here = opened({[](std::uint32_t) {},
                            [&](std::uint32_t) {
                              if (++tries < 3) throw Error(Code::NoSpace, "no room to recover");
                            }},
                           {.idle = Millis(60'000)});
  Process other = holding(LockMode::Exclusive);
  other.hear();
  other.kill(SIGKILL);
  other.waitForEnd();
  EXPECT_EQ(testing::messageOf([&] { exclusive(*here); }), "no room to recover");
  EXPECT_EQ(testing::messageOf([&] { shared(*here); }), "no room to recover");
  exclusive(*here);
  EXPECT_EQ(tries, 3);
}

TEST_F(LeasesTest, OfAStoppedProcessAreNotStolen) {
  const auto here = opened();
  Process other = holding(LockMode::Exclusive);
  EXPECT_EQ(other.hear(), "held");
  other.stop();
  const auto begin = Clock::now();
  EXPECT_EQ(testing::failureOf([&] { exclusive(*here, 0, Millis(300)); }), Code::LockTimeout);
  EXPECT_GE(since(begin), Millis(300));
  EXPECT_LT(since(begin), Millis(600));
  other.kill(SIGCONT);
  EXPECT_EQ(testing::failureOf([&] { exclusive(*here, 0, Millis(50)); }), Code::LockTimeout);
  other.say("end");
  exclusive(*here);
  other.expectSuccess();
}

TEST_F(LeasesTest, AStoppedProcessThatWaitsKeepsNobodyElseWaiting) {
  const auto here = opened();
  auto use = exclusive(*here);
  Process other([this](const Line& line) {
    const auto leases = opened();
    line.say("opened");
    exclusive(*leases);
    line.say("had it");
  });
  EXPECT_EQ(other.hear(), "opened");
  EXPECT_FALSE(other.hasMessage(50));  // it waits by now
  other.stop();
  use = {};
  Process third([this](const Line&) {
    const auto leases = opened();
    const auto begin = Clock::now();
    exclusive(*leases);
    EXPECT_LT(since(begin), Millis(1000));
  });
  third.expectSuccess();
  other.kill(SIGCONT);
  EXPECT_EQ(other.hear(), "had it");
  other.expectSuccess();
}

TEST_F(LeasesTest, AWriterIsNotStarvedByReaders) {
  std::vector<Process> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([this](const Line& line) {
      const auto leases = opened();
      line.say("ready");
      while (!line.hasMessage(0)) shared(*leases);
    });
  for (const Process& reader : readers) EXPECT_EQ(reader.hear(), "ready");
  const auto here = opened();
  Millis worst{0};
  for (int i = 0; i < 10; ++i) {
    const auto begin = Clock::now();
    exclusive(*here);
    worst = std::max(worst, since(begin));
    shared(*here, 1);
  }
  EXPECT_LT(worst, Millis(1000));
  RecordProperty("worst_wait_ms", std::to_string(worst.count()));
  for (Process& reader : readers) {
    reader.say("end");
    reader.expectSuccess();
  }
}

// What is read and written under the slot by 4 processes loses nothing, and each gets its turns.
TEST_F(LeasesTest, ContendingProcessesTakeTurns) {
  constexpr int kProcesses = 4;
  for (int i = 0; i < 16; ++i) counter(i) = 0;
  std::vector<Process> processes;
  for (int i = 0; i < kProcesses; ++i)
    processes.emplace_back([this, i](const Line& line) {
      const auto leases = opened();
      line.say("ready");
      line.hear();
      for (const auto begin = Clock::now(); since(begin) < Millis(500);) {
        const auto asked = Clock::now();
        const auto use = exclusive(*leases);
        const std::int64_t value = counter(0).load(std::memory_order_relaxed);
        counter(0).store(value + 1, std::memory_order_relaxed);
        ++counter(1 + i);
        counter(8 + i) = std::max<std::int64_t>(counter(8 + i), since(asked).count());
      }
    });
  for (const Process& process : processes) EXPECT_EQ(process.hear(), "ready");
  for (const Process& process : processes) process.say("go");
  for (Process& process : processes) process.expectSuccess();
  std::int64_t sum = 0;
  for (int i = 0; i < kProcesses; ++i) {
    const std::int64_t own = counter(1 + i);
    std::printf("process %d: %ld turns, longest wait %ld ms\n", i, static_cast<long>(own),
                static_cast<long>(counter(8 + i)));
    EXPECT_GT(own, 0);
    EXPECT_LT(counter(8 + i), 300);
    sum += own;
  }
  EXPECT_EQ(counter(0), sum);
}

TEST_F(LeasesTest, AForkedChildIsRefusedAndTheParentKeepsWhatItHas) {
  const auto here = opened();
  const auto use = exclusive(*here);
  Process child([&](const Line&) {
    EXPECT_EQ(testing::messageOf([&] { exclusive(*here); }),
              "the store was opened before this process was forked; open it anew in the child");
    EXPECT_EQ(testing::failureOf([&] { here->beginStamp(); }), Code::InvalidArgument);
    {
      auto inherited = std::unique_ptr<Leases>(here.get());  // its destructor runs here
    }
    const auto own = opened();
    EXPECT_EQ(testing::failureOf([&] { exclusive(*own, 0, Millis(50)); }), Code::LockTimeout);
    exclusive(*own, 1);
  });
  child.expectSuccess();
  Process([this](const Line&) {
    EXPECT_EQ(testing::failureOf([&] { exclusive(*opened(), 0, Millis(50)); }), Code::LockTimeout);
  }).expectSuccess();
  const auto more = use.again();
}

TEST_F(LeasesTest, OfTwoInOneProcessBehaveAsTwoProcesses) {
  const auto one = opened();
  const auto two = opened();
  EXPECT_TRUE(one->wasAlone());
  EXPECT_FALSE(two->wasAlone());
  EXPECT_NE(one->self(), two->self());
  auto use = exclusive(*one);
  EXPECT_EQ(testing::failureOf([&] { shared(*two, 0, Millis(50)); }), Code::LockTimeout);
  use = {};
  shared(*two);
}

TEST_F(LeasesTest, OnlyWhoIsAloneRecoversAndOthersWaitMeanwhile) {
  auto one = open();
  EXPECT_TRUE(one->wasAlone());
  EXPECT_EQ(testing::failureOf([&] { open({}, {.openTimeout = Millis(30)}); }), Code::LockTimeout);
  one->start();
  { EXPECT_FALSE(opened()->wasAlone()); }
  one.reset();
  EXPECT_TRUE(open()->wasAlone());  // which never starts
  EXPECT_TRUE(open()->wasAlone());
}

TEST_F(LeasesTest, OpeningRecoversTheDeadSoon) {
  Signal recovered;
  const auto here = opened({[](std::uint32_t) {}, [](std::uint32_t) { throw std::bad_alloc(); }},
                           {.idle = Millis(60'000)});
  Process other = holding(LockMode::Shared);
  other.hear();
  other.kill(SIGKILL);
  other.waitForEnd();
  const auto next = opened({[](std::uint32_t) {}, [&](std::uint32_t) { recovered.give(); }},
                           {.idle = Millis(10)});
  EXPECT_TRUE(recovered.await());
}

TEST_F(LeasesTest, WhatIsLeftIsRecoveredWhenItIsWanted) {
  std::vector<std::uint32_t> recovered;
  const auto here =
      open({[](std::uint32_t) {}, [&](std::uint32_t place) { recovered.push_back(place); }},
           {.idle = Millis(60'000)});
  here->raiseStamp(100);
  here->leaveDead(7, std::vector<std::uint32_t>{3, 5}, 40);
  here->leaveDead(9, std::vector<std::uint32_t>{4}, 0);
  here->start();
  EXPECT_EQ(here->deadPlaces(), (std::vector<std::uint32_t>{7, 9}));
  EXPECT_EQ(here->settledStamp(), 39u);
  exclusive(*here, 6);
  EXPECT_TRUE(recovered.empty());
  shared(*here, 5);
  EXPECT_EQ(recovered, (std::vector<std::uint32_t>{7}));
  EXPECT_EQ(here->settledStamp(), 100u);
  shared(*here, 3);
  exclusive(*here, 4);
  EXPECT_EQ(recovered, (std::vector<std::uint32_t>{7, 9}));
  EXPECT_TRUE(here->deadPlaces().empty());
}

TEST_F(LeasesTest, WhatIsLeftIsRecoveredOneAfterTheOther) {
  std::atomic<int> tries{0}, recovered{0};
  Signal last;
  const auto recover = [&](std::uint32_t) {
    if (++tries == 1) throw Error(Code::NoSpace, "no room to recover");
    if (++recovered == 3) last.give();
  };
  const auto here = open({[](std::uint32_t) {}, recover}, {.idle = Millis(10)});
  for (const std::uint32_t place : {7, 9, 63}) here->leaveDead(place, {}, 0);
  here->start();
  EXPECT_TRUE(last.await());
}

TEST_F(LeasesTest, APlaceIsChangedBeforeOthersComeIn) {
  const auto here = open();
  here->moveTo(5);
  here->start();
  EXPECT_EQ(here->self(), 5u);
  EXPECT_EQ(here->takenPlaces(), 1u);
  const auto other = opened();
  EXPECT_EQ(other->self(), 0u);
  EXPECT_TRUE(here->isTaken(5));
}

TEST_F(LeasesTest, WorkOnAFreePlaceKeepsOthersOutOfIt) {
  const auto here = opened();
  bool isDone = false;
  here->whileFree(1, [&] {
    EXPECT_EQ(opened()->self(), 2u);
    isDone = true;
  });
  EXPECT_TRUE(isDone);
  const auto other = opened();
  EXPECT_EQ(other->self(), 1u);
  here->whileFree(1, [&] { ADD_FAILURE() << "somebody has it"; });
}

TEST_F(LeasesTest, WhatCouldNotBePutInPlaceIsRecoveredByOthers) {
  std::atomic<int> recovered{0};
  const auto here = opened({[](std::uint32_t) {}, [&](std::uint32_t) { ++recovered; }});
  {
    const auto failing = opened(
        {[](std::uint32_t) { throw Error(Code::NoSpace, "disk full"); }, [](std::uint32_t) {}});
    exclusive(*failing);
    EXPECT_EQ(testing::failureOf([&] { exclusive(*here, 0, Millis(50)); }), Code::LockTimeout);
    exclusive(*failing);  // it keeps the lease
  }
  exclusive(*here);
  EXPECT_EQ(recovered, 1);
}

TEST_F(LeasesTest, StampsOfAllProcessesAreOrdered) {
  const auto one = opened();
  const auto two = opened();
  one->raiseStamp(100);
  one->raiseStamp(50);
  EXPECT_EQ(two->settledStamp(), 100u);
  EXPECT_EQ(one->beginStamp(), 101u);
  EXPECT_EQ(two->beginStamp(), 102u);
  EXPECT_EQ(two->settledStamp(), 100u);
  one->endStamp();
  EXPECT_EQ(one->settledStamp(), 101u);
  two->endStamp();
  EXPECT_EQ(one->settledStamp(), 102u);
}

TEST_F(LeasesTest, TheStampOfADeadProcessIsInFlightUntilItIsRecovered) {
  const auto here = opened({}, {.idle = Millis(60'000)});
  Process other([this](const Line& line) {
    const auto leases = opened();
    exclusive(*leases);
    leases->beginStamp();
    line.say("begun");
    line.hear();
  });
  other.hear();
  other.kill(SIGKILL);
  other.waitForEnd();
  here->beginStamp();
  here->endStamp();
  EXPECT_EQ(here->settledStamp(), 0u);
  exclusive(*here);
  EXPECT_EQ(here->settledStamp(), 2u);
}

TEST_F(LeasesTest, The65thProcessIsRefused) {
  std::vector<std::unique_ptr<Leases>> all;
  for (int i = 0; i < 64; ++i) all.push_back(open()), all.back()->start();
  EXPECT_EQ(testing::messageOf([&] { open(); }),
            "the store is open in 64 processes, which is the most that it can be");
  all.pop_back();
  EXPECT_EQ(opened()->self(), 63u);
}

TEST_F(LeasesTest, DamagedSharedStateIsMadeAnew) {
  opened();
  const std::string file = (dir_.path() / "shared").string();
  const std::string good = testing::readFile(file);
  testing::writeFile(file, std::string(good.size(), '\xff'));
  {
    const auto leases = opened();
    EXPECT_EQ(leases->settledStamp(), 0u);
    exclusive(*leases);
  }
  testing::writeFile(file, "short");
  exclusive(*opened());
  EXPECT_EQ(testing::readFile(file).size(), good.size());
}

TEST_F(LeasesTest, OfAnotherFormatAreRefused) {
  const auto here = opened();
  const Fd directory(::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(testing::failureOf([&] { Leases(directory.get(), kSlots * 2, {}); }),
            Code::InvalidArgument);
  EXPECT_EQ(testing::failureOf([&] { Leases(directory.get(), 1'000'000, {}); }),
            Code::InvalidArgument);
}

TEST_F(LeasesTest, ThreadsOfAProcessShareALease) {
  const auto here = opened({}, {.idle = Millis(1)});
  const auto other = opened({}, {.idle = Millis(1)});
  std::array<std::atomic<std::int64_t>, 4> inside{};  // Uses of one process * 1000 + of the other
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      Leases& own = i % 2 == 0 ? *here : *other;
      const std::int64_t one = i % 2 == 0 ? 1 : 1000;
      for (int n = 0; n < 300; ++n) {
        const std::uint32_t slot = n % 4;
        const auto use = exclusive(own, slot);
        const std::int64_t seen = inside[slot] += one;
        if (seen % 1000 != 0 && seen / 1000 != 0) ++failures;
        inside[slot] -= one;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(LeasesTest, ThreadsReadAndWriteInTwoProcesses) {
  const auto here = opened({}, {.minimalHold = Millis(0), .idle = Millis(1)});
  const auto other = opened({}, {.minimalHold = Millis(0), .idle = Millis(1)});
  std::atomic<int> writers{0};  // of the process `here`
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 200; ++n) {
        if (i == 0) {
          const auto use = exclusive(*here);
          ++writers;
          --writers;
        } else {
          const auto use = shared(i == 1 ? *here : *other);
          if (i != 1 && writers != 0) ++failures;
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace hexpage
