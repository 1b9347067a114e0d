// Locks by name among processes. Promises that hold among threads too are in the contract tests.
#include "support/process_locks.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <thread>

#include "support/fd.hpp"
#include "support/lock_report.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage {
namespace {

using testing::Line;
using testing::Process;
using Clock = std::chrono::steady_clock;

constexpr Millis kLockPatience{20'000};
constexpr Millis kShort{30};

// One process's part in the locks of a directory.
class Party {
 public:
  // With one writer's slot all paths share it.
  Party(const std::string& directory, std::uint32_t writerSlots,
        ProcessLocks::Items items = ProcessLocks::Items::EachByItself) {
    const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    leases_ = std::make_shared<Leases>(fd.get(), 16 + writerSlots, LeaseEvents{});
    locks_ = std::make_unique<ProcessLocks>(leases_, 16, writerSlots, items);
    leases_->start();
  }
  ~Party() { leases_->close(); }
  Party(Party&&) = default;

  ProcessLocks* operator->() { return locks_.get(); }

  Hold write(std::string_view path, Millis timeout = kLockPatience, LockOwner owner = 0) {
    return locks_->acquire(LockSpace::Writer, path, LockMode::Exclusive, timeout, owner);
  }
  Hold item(std::string_view path, std::string_view key, Millis timeout = kLockPatience) {
    return locks_->acquireItem(path, key, timeout);
  }
  Hold name(std::string_view name, LockMode mode, Millis timeout = kLockPatience) {
    return locks_->acquire(LockSpace::User, name, mode, timeout);
  }

 private:
  std::shared_ptr<Leases> leases_;
  std::unique_ptr<ProcessLocks> locks_;
};

class ProcessLocksTest : public ::testing::Test {
 protected:
  Party open(std::uint32_t writerSlots = 64) const { return Party(dir_.string(), writerSlots); }

  // Holds until it hears something.
  template <class Lock>
  Process holding(Lock lock) const {
    return Process([this, lock](const Line& line) {
      Party party = open();
      const Hold hold = lock(party);
      line.say("held");
      line.hear();
    });
  }

  testing::TempDir dir_;
};

TEST_F(ProcessLocksTest, WritersExcludeOtherProcesses) {
  Party here = open();
  Process other = holding([](Party& party) { return party.write("users"); });
  EXPECT_EQ(other.hear(), "held");
  const std::string message = testing::messageOf([&] { here.write("users", kShort); });
  EXPECT_TRUE(message.starts_with("lock timeout: users is held by process " +
                                  std::to_string(other.pid()) + ", after "))
      << message;
  other.say("end");
  here.write("users");
  other.expectSuccess();
}

TEST_F(ProcessLocksTest, ItemsExcludeOtherProcessesFromTheirHash) {
  Party here = open();
  Process other = holding([](Party& party) { return party.item("users", "ann"); });
  EXPECT_EQ(other.hear(), "held");
  EXPECT_THROW(here.write("users", kShort), Error);
  const std::string message = testing::messageOf([&] { here.item("users", "bob", kShort); });
  EXPECT_TRUE(message.starts_with("lock timeout: users is held by process ")) << message;
  other.say("end");
  here.item("users", "bob");
  other.expectSuccess();
}

// Of many keys some may share a lock, but not all.
TEST_F(ProcessLocksTest, ItemsExcludeOthersOfTheirHashOnlyWhereTheHashIsLocked) {
  const auto freeBeside = [&](ProcessLocks::Items items) {
    Party party(dir_.string(), 64, items);
    const Hold hold = party.item("users", "ann");
    int free = 0;
    for (int n = 0; n < 20; ++n) try {
        party.item("users", "user " + std::to_string(n), Millis(0));
        ++free;
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::LockTimeout);
      }
    return free;
  };
  EXPECT_GT(freeBeside(ProcessLocks::Items::EachByItself), 0);
  EXPECT_EQ(freeBeside(ProcessLocks::Items::WithTheirHash), 0);
}

TEST_F(ProcessLocksTest, NamesExcludeAndShareAmongProcesses) {
  Party here = open();
  Process other = holding([](Party& party) { return party.name("nightly", LockMode::Shared); });
  EXPECT_EQ(other.hear(), "held");
  here.name("nightly", LockMode::Shared, kShort);
  here.name("other", LockMode::Exclusive, kShort);
  here.write("nightly", kShort);
  EXPECT_EQ(
      testing::messageOf([&] { here.name("nightly", LockMode::Exclusive, kShort); }),
      "lock timeout: nightly is held by process " + std::to_string(other.pid()) + ", after 30 ms");
  other.say("end");
  here.name("nightly", LockMode::Exclusive);
  other.expectSuccess();
}

TEST_F(ProcessLocksTest, ANameOfADeadProcessIsFree) {
  Party here = open();
  Process other = holding([](Party& party) { return party.name("nightly", LockMode::Exclusive); });
  EXPECT_EQ(other.hear(), "held");
  other.kill(SIGKILL);
  const auto begin = Clock::now();
  here.name("nightly", LockMode::Exclusive);
  EXPECT_LT(Clock::now() - begin, Millis(100));
}

TEST_F(ProcessLocksTest, AWriterOfANameIsNotStarvedByReaders) {
  std::vector<Process> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([this](const Line& line) {
      Party party = open();
      line.say("ready");
      while (!line.hasMessage(0)) party.name("nightly", LockMode::Shared);
    });
  for (const Process& reader : readers) EXPECT_EQ(reader.hear(), "ready");
  Party here = open();
  for (int i = 0; i < 10; ++i) {
    const auto begin = Clock::now();
    here.name("nightly", LockMode::Exclusive);
    EXPECT_LT(Clock::now() - begin, Millis(1000));
  }
  for (Process& reader : readers) {
    reader.say("end");
    reader.expectSuccess();
  }
}

TEST_F(ProcessLocksTest, ATryGetsWhatAnotherProcessOnlyKeeps) {
  Party here = open();
  Party other = open();
  other.write("users");
  here.write("users", Millis(0));
}

TEST_F(ProcessLocksTest, PathsOfOneSlotAreLockedApartInAProcess) {
  Party here = open(1);
  const Hold users = here.write("users");
  here.write("mails", kShort);
  EXPECT_EQ(testing::failureOf([&] { here.write("users", kShort); }), Code::LockTimeout);
}

// An owner that holds a path waited for itself when another process wanted the slot of it.
TEST_F(ProcessLocksTest, AnOwnerGetsMoreOfASlotThatOthersWant) {
  Party here = open(1);
  const LockOwner owner = newLockOwner();
  Hold users = here.write("users", kLockPatience, owner);
  Process other([this](const Line& line) {
    Party party = open(1);
    line.say("ready");
    party.write("users");
  });
  EXPECT_EQ(other.hear(), "ready");
  EXPECT_EQ(testing::failureOf([&] {
              while (true) here.write("news", Millis(0));  // until the slot is asked back
            }),
            Code::LockTimeout);
  const Hold mails = here.write("mails", kShort, owner);
  users.free();
  EXPECT_FALSE(other.hasMessage(30));
}

TEST_F(ProcessLocksTest, SeveralAreTakenInTheSameOrderEverywhere) {
  const auto contend = [this](const Line&) {
    Party party = open(4);
    const std::vector<std::string_view> there = {"a", "b", "c", "d", "e", "f"};
    const std::vector<std::string_view> back(there.rbegin(), there.rend());
    for (int i = 0; i < 50; ++i)
      party->acquireAll(i % 2 == 0 ? there : back, LockMode::Exclusive, Millis(5000));
  };
  Process one(contend);
  Process two(contend);
  one.expectSuccess();
  two.expectSuccess();
}

// Each held a hash and waited for that of the other for the whole timeout.
TEST_F(ProcessLocksTest, ACircleOfProcessesIsBrokenSoon) {
  const auto cross = [this](const char* first, const char* second) {
    return [this, first, second](const Line& line) {
      Party party = open();
      const LockOwner owner = newLockOwner();
      Hold mine = party.write(first, kLockPatience, owner);
      line.say("held");
      line.hear();
      const auto begin = Clock::now();
      const std::string message =
          testing::messageOf([&] { party.write(second, kLockPatience, owner); });
      EXPECT_LT(Clock::now() - begin, Millis(5000));
      mine.free();
      line.say(message.empty() ? "got it" : message);
      line.hear();
    };
  };
  Process one(cross("users", "mails"));
  Process two(cross("mails", "users"));
  EXPECT_EQ(one.hear(), "held");
  EXPECT_EQ(two.hear(), "held");
  one.say("go");
  two.say("go");
  const std::vector<std::string> results{one.hear(), two.hear()};
  EXPECT_EQ(std::count(results.begin(), results.end(), "got it"), 1);
  const bool isOne = results[0] != "got it";
  EXPECT_EQ(results[isOne ? 0 : 1],
            "lock timeout: waiting for " + std::string(isOne ? "mails" : "users") +
                " would not end: who holds it, in another process, waits for what is held here; "
                "free that and try again");
  one.say("end");
  two.say("end");
  one.expectSuccess();
  two.expectSuccess();
}

TEST_F(ProcessLocksTest, AreListedWithThoseOfOtherProcesses) {
  Party here = open();
  const Hold name = here.name("nightly", LockMode::Shared);
  Process other([this](const Line& line) {
    Party party = open();
    const Hold users = party.write("users", kLockPatience, 7);
    std::thread waiting([&] { party.name("nightly", LockMode::Exclusive); });
    line.say("held");
    waiting.join();
    line.hear();
  });
  EXPECT_EQ(other.hear(), "held");
  std::vector<LockEntry> entries;
  do entries = here->list();
  while (!std::any_of(entries.begin(), entries.end(), [](auto& one) { return one.isWaiting; }));
  std::sort(entries.begin(), entries.end(), [](const LockEntry& a, const LockEntry& b) {
    return std::tuple(a.name, a.isWaiting) < std::tuple(b.name, b.isWaiting);
  });
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].name, "nightly");
  EXPECT_EQ(entries[0].space, LockSpace::User);
  EXPECT_EQ(entries[0].mode, LockMode::Shared);
  EXPECT_EQ(entries[0].process, ::getpid());
  EXPECT_EQ(entries[1].name, "nightly");
  EXPECT_EQ(entries[1].mode, LockMode::Exclusive);
  EXPECT_TRUE(entries[1].isWaiting);
  EXPECT_EQ(entries[1].process, other.pid());
  EXPECT_EQ(entries[2].name, "users");
  EXPECT_EQ(entries[2].space, LockSpace::Writer);
  EXPECT_FALSE(entries[2].isWaiting);
  EXPECT_EQ(entries[2].owner, 7u);
}

TEST_F(ProcessLocksTest, AStoppedProcessIsListedAsOneThatDoesNotAnswer) {
  Party here = open();
  Process other = holding([](Party& party) { return party.write("users"); });
  EXPECT_EQ(other.hear(), "held");
  other.stop();
  const std::vector<LockEntry> entries = here->list();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].name, "");
  EXPECT_EQ(entries[0].process, other.pid());
}

TEST_F(ProcessLocksTest, AForkedChildIsRefusedAndFreesNothing) {
  Party here = open();
  auto users = std::make_unique<Hold>(here.write("users"));
  auto item = std::make_unique<Hold>(here.item("counters", "hits"));
  auto name = std::make_unique<Hold>(here.name("nightly", LockMode::Exclusive));
  Process child([&](const Line&) {
    EXPECT_EQ(testing::failureOf([&] { here.write("mails"); }), Code::InvalidArgument);
    EXPECT_EQ(testing::failureOf([&] { here.name("x", LockMode::Shared); }), Code::InvalidArgument);
    EXPECT_EQ(testing::failureOf([&] { here->list(); }), Code::InvalidArgument);
    users.reset();
    item.reset();
    name.reset();
    Party own = open();
    EXPECT_EQ(testing::failureOf([&] { own.write("users", kShort); }), Code::LockTimeout);
    EXPECT_EQ(testing::failureOf([&] { own.item("counters", "hits", kShort); }), Code::LockTimeout);
    EXPECT_EQ(testing::failureOf([&] { own.name("nightly", LockMode::Shared, kShort); }),
              Code::LockTimeout);
  });
  child.expectSuccess();
}

TEST_F(ProcessLocksTest, AHoldThatOutlivesThemHoldsNothing) {
  std::vector<Hold> holds;
  {
    Party here = open();
    holds.push_back(here.write("users"));
    holds.push_back(here.name("nightly", LockMode::Exclusive));
  }
  Party next = open();
  const Hold users = next.write("users", kShort);
  const Hold name = next.name("nightly", LockMode::Exclusive, kShort);
  holds.clear();
  Party third = open();
  EXPECT_EQ(testing::failureOf([&] { third.write("users", kShort); }), Code::LockTimeout);
  EXPECT_EQ(testing::failureOf([&] { third.name("nightly", LockMode::Shared, kShort); }),
            Code::LockTimeout);
}

TEST_F(ProcessLocksTest, ThreadsOfTwoOfThemExcludeEachOther) {
  std::array<Party, 2> parties{open(2), open(2)};
  std::array<std::atomic<int>, 3> counters{};  // of "users", of "mails", of the name
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      Party& party = parties[i % 2];
      const auto add = [](std::atomic<int>& counter) {
        const int value = counter.load(std::memory_order_relaxed);
        counter.store(value + 1, std::memory_order_relaxed);
      };
      for (int n = 0; n < 100; ++n) {
        if (n % 3 == 0) {
          const Hold hold = party.write("users");
          add(counters[0]);
        } else if (n % 3 == 1) {
          const std::vector<std::string_view> both{"users", "mails"};
          const auto holds = party->acquireAll(both, LockMode::Exclusive, kLockPatience);
          add(counters[0]), add(counters[1]);
        } else {
          const Hold hold = party.name("users", LockMode::Exclusive);
          add(counters[2]);
        }
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters[0], 4 * 67);
  EXPECT_EQ(counters[1], 4 * 33);
  EXPECT_EQ(counters[2], 4 * 33);
  EXPECT_TRUE(parties[0]->list().empty());
}

LockState lockOf(std::string name, bool isWaiting, LockOwner owner, bool forLease = false) {
  return {{LockSpace::Writer, std::move(name), LockMode::Exclusive, isWaiting, 1, Millis(5), owner},
          forLease};
}

TEST(LockReport, TellsOwnersThatWaitFirst) {
  const std::vector<LockState> locks = {lockOf("a", false, 1), lockOf("b", false, 2),
                                        lockOf("c", true, 2, true)};
  const std::string whole = encodeReport(locks, 4096);
  const auto decoded = decodeReport(whole, 77);
  ASSERT_EQ(decoded.size(), 3u);
  EXPECT_EQ(decoded[0].entry.name, "b");
  EXPECT_TRUE(decoded[1].waitsForLease);
  EXPECT_EQ(decoded[2].entry.name, "a");
  EXPECT_EQ(decoded[2].entry.process, 77);
  EXPECT_EQ(decoded[2].entry.since, Millis(5));
  EXPECT_EQ(decodeReport(encodeReport(locks, whole.size() - 1), 77).size(), 2u);
}

// Owner 1 of process 0 waits for owner 2 of process 1, which waits for owner 3, a thread of its own
// process, which waits for owner 1.
TEST(LockReport, FindsCirclesThroughThreadsAndProcesses) {
  const auto slotOf = [](std::string_view path) { return static_cast<std::uint32_t>(path[0]); };
  std::vector<PlaceLocks> places = {{0, {lockOf("a", false, 1), lockOf("b", true, 1, true)}},
                                    {1,
                                     {lockOf("b2", false, 2), lockOf("c", true, 2),
                                      lockOf("c", false, 3), lockOf("a2", true, 3, true)}}};
  EXPECT_TRUE(waitsInCircle(places, 0, 1, slotOf));
  EXPECT_TRUE(waitsInCircle(places, 1, 3, slotOf));
  EXPECT_FALSE(waitsInCircle(places, 0, 3, slotOf));
  places[1].locks[3] = lockOf("d", true, 3, true);
  EXPECT_FALSE(waitsInCircle(places, 0, 1, slotOf));
}

}  // namespace
}  // namespace hexpage
