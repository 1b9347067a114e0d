// One store in several processes: what one has done the next one sees, and what one holds keeps the
// others out. Each process is a real one, forked before it opens the store.
#include <gtest/gtest.h>

#include <algorithm>
#include <hexpage/hexpage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <memory>

#include "tests/support/failing_calls.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class Processes : public ::testing::TestWithParam<StoreKind> {
 protected:
  Storage open(Millis lockTimeout = Millis(20'000)) const {
    Json config = GetParam().config((dir_.path() / "data").string());
    config["lock_timeout"] = lockTimeout.count();
    return Storage::open(config);
  }

  void TearDown() override { expectClean(open().verify()); }

  // In a process of its own, to its end.
  template <class Work>
  void elsewhere(Work work) const {
    Process([&](const Line&) {
      Storage storage = open();
      work(storage);
    }).expectSuccess();
  }

  // In so many processes at once.
  template <class Work>
  void everywhere(int count, Work work) const {
    std::vector<Process> processes;
    for (int i = 0; i < count; ++i)
      processes.emplace_back([&, i](const Line& line) {
        Storage storage = open();
        line.say("open");
        line.hear();
        work(storage, i);
      });
    for (const Process& process : processes) EXPECT_EQ(process.hear(), "open");
    for (const Process& process : processes) process.say("go");
    for (Process& process : processes) process.expectSuccess();
  }

  // Holds "users" in a transaction that has put an item, until it hears something; then commits.
  Process inTransaction() const {
    return Process([this](const Line& line) {
      Storage storage = open();
      storage.hashPut("users", "bob", 1);
      Transaction tx = storage.begin({"users"});
      tx.hashPut("users", "ann", 1);
      line.say("begun");
      line.hear();
      tx.commit();
    });
  }

  TempDir dir_;
};

// What concerns those whose pages are files.
class FileProcesses : public Processes {};

TEST_P(Processes, SeeWhatOthersHaveDone) {
  Storage storage = open();
  storage.hashPut("users", "ann", 1);
  elsewhere([](Storage& other) {
    EXPECT_EQ(other.hashGet("users", "ann"), 1);
    other.hashPut("users", "ann", 2);
    other.hashPut("mails", "m", true);
    other.put("settings", "dark");
  });
  EXPECT_EQ(storage.hashGet("users", "ann"), 2);
  EXPECT_EQ(storage.get("settings"), "dark");
  EXPECT_EQ(storage.hashes().size(), 2u);
  elsewhere([](Storage& other) {
    other.hashDeleteAll("mails", true);
    other.hashRename("users", "people");
  });
  EXPECT_EQ(storage.hashFind("mails", "m"), std::nullopt);
  EXPECT_EQ(storage.hashGet("people", "ann"), 2);
  EXPECT_EQ(storage.hashes().size(), 1u);
}

// A removal of what was not there was done again when its process had died, and took what another
// process had put meanwhile.
TEST_P(Processes, WhatHasChangedNothingIsNotDoneLater) {
  open().hashPut("users", "bob", 1);
  Process killed([this](const Line& line) {
    const Json config = GetParam().config((dir_.path() / "data").string());
    const std::string name = config.at("backend");
    CommonSettings common;
    common.syncInterval = Millis(600'000);
    const auto backend = makeBackend(name, config.at(name), common);
    backend->apply(Batch().add(Remove{"users", "ann"}));
    line.say("not there");
    line.hear();
    backend->apply(Batch().add(Create{"mails", "{}"}));
    line.say("done");
    line.hear();
  });
  EXPECT_EQ(killed.hear(), "not there");
  elsewhere([](Storage& other) { other.hashPut("users", "ann", 1); });
  killed.say("go on");
  EXPECT_EQ(killed.hear(), "done");
  killed.kill(SIGKILL);
  killed.waitForEnd();
  EXPECT_EQ(open().hashGet("users", "ann"), 1);
}

// What a killed process had put and removed again in one transaction was removed once more after
// others had put it.
TEST_P(Processes, WhatWasPutAndRemovedIsNotRemovedLater) {
  open().hashPut("users", "bob", 1);
  open().hashCreate("empty");
  Process killed([this](const Line& line) {
    Json config = GetParam().config((dir_.path() / "data").string());
    config["sync_interval"] = 600'000;
    Storage storage = Storage::open(config);
    storage.transaction({"users", "mails"}, [](Transaction& tx) {
      tx.hashPut("users", "ann", 1);
      tx.hashDelete("users", "ann");
      tx.hashPut("mails", "m", 1);
    });
    storage.hashDeleteAll("empty");
    line.say("done");
    line.hear();
  });
  EXPECT_EQ(killed.hear(), "done");
  killed.kill(SIGKILL);
  killed.waitForEnd();
  Storage storage = open();
  storage.hashPut("users", "ann", 2);
  storage.hashPut("empty", "e", 2);
  storage.sync();
  EXPECT_EQ(storage.hashGet("mails", "m"), 1);
  EXPECT_EQ(storage.hashGet("users", "ann"), 2);
  EXPECT_EQ(storage.hashGet("empty", "e"), 2);
}

// Each opening beside what a killed process had left made journals of its own.
TEST_P(FileProcesses, OpeningBesideWhatIsLeftMakesNoMoreAndMoreFiles) {
  Process killed([this](const Line& line) {
    Json config = GetParam().config((dir_.path() / "data").string());
    config["sync_interval"] = 600'000;
    Storage storage = Storage::open(config);
    storage.hashPut("users", "ann", 1);
    line.say("done");
    line.hear();
  });
  EXPECT_EQ(killed.hear(), "done");
  killed.kill(SIGKILL);
  killed.waitForEnd();
  const auto journals = [this] {
    const auto folder = dir_.path() / "data/.hexpage/journals";
    return std::distance(std::filesystem::directory_iterator(folder), {});
  };
  for (int n = 0; n < 5; ++n) open().hashFind("mails", std::to_string(n));
  EXPECT_EQ(journals(), 4);
  EXPECT_EQ(open().hashGet("users", "ann"), 1);
}

TEST_P(Processes, TakeTurnsOnOneHash) {
  const std::unique_ptr<Process> other = std::make_unique<Process>([this](const Line& line) {
    Storage storage = open();
    for (int n = 0; n < 20; ++n) {
      line.hear();
      EXPECT_EQ(storage.hashGet("turns", "n"), 2 * n);
      storage.hashPut("turns", "n", 2 * n + 1);
      line.say("done");
    }
  });
  Storage storage = open();
  for (int n = 0; n < 20; ++n) {
    storage.hashPut("turns", "n", 2 * n);
    other->say("go");
    EXPECT_EQ(other->hear(), "done");
    EXPECT_EQ(storage.hashGet("turns", "n"), 2 * n + 1);
  }
  other->expectSuccess();
}

TEST_P(Processes, CountExactly) {
  everywhere(4, [](Storage& storage, int i) {
    for (int n = 0; n < 100; ++n) {
      storage.hashIncrement("counters", "all");
      storage.hashPut("items", std::to_string(i) + "/" + std::to_string(n), n);
    }
  });
  Storage storage = open();
  EXPECT_EQ(storage.hashGet("counters", "all"), 400);
  EXPECT_EQ(storage.hashGetInfo("items").length, 400u);
}

TEST_P(Processes, KeepTheSumOverTwoHashes) {
  constexpr int kAccounts = 4;
  {
    Storage storage = open();
    for (const char* bank : {"left", "right"})
      for (int i = 0; i < kAccounts; ++i) storage.hashPut(bank, std::to_string(i), 100);
  }
  everywhere(3, [](Storage& storage, int i) {
    for (int n = 0; n < 60; ++n) {
      const std::string account = std::to_string((n + i) % kAccounts);
      const std::string from = n % 2 == 0 ? "left" : "right";
      const std::string to = n % 2 == 0 ? "right" : "left";
      storage.transaction({from, to}, [&](Transaction& tx) {
        tx.hashPut(from, account, tx.hashGet(from, account).get<int>() - 1);
        tx.hashPut(to, account, tx.hashGet(to, account).get<int>() + 1);
      });
    }
  });
  Storage storage = open();
  int sum = 0;
  for (const char* bank : {"left", "right"})
    storage.hashEach(bank, [&](const std::string&, const Json& value) { sum += value.get<int>(); });
  EXPECT_EQ(sum, 2 * kAccounts * 100);
}

TEST_P(Processes, ATransactionKeepsOtherWritersOutAndNoReaders) {
  Process other = inTransaction();
  EXPECT_EQ(other.hear(), "begun");
  Storage storage = open(Millis(100));
  EXPECT_EQ(storage.hashFind("users", "ann"), std::nullopt);
  EXPECT_EQ(storage.hashGet("users", "bob"), 1);
  const std::string message = messageOf([&] { storage.hashPut("users", "eve", 1); });
  EXPECT_TRUE(
      message.starts_with("lock timeout: users is held by process " + std::to_string(other.pid())))
      << message;
  storage.hashPut("mails", "m", 1);
  other.say("commit");
  other.expectSuccess();
  EXPECT_EQ(storage.hashGet("users", "ann"), 1);
}

TEST_P(Processes, ATransactionThatDiesIsUndoneAndHoldsNothing) {
  Process other = inTransaction();
  EXPECT_EQ(other.hear(), "begun");
  other.kill(SIGKILL);
  other.waitForEnd();
  Storage storage = open();
  storage.hashPut("users", "eve", 1);
  EXPECT_EQ(storage.hashGet("users", "bob"), 1);
  EXPECT_EQ(storage.hashFind("users", "ann"), std::nullopt);
  EXPECT_EQ(storage.hashGetInfo("users").length, 2u);
}

TEST_P(Processes, WhatADeadProcessHasPutIsThere) {
  Storage storage = open();
  storage.hashPut("users", "ann", 1);
  Process other([this](const Line& line) {
    Storage own = open();
    for (int i = 0; i < 100; ++i) own.hashPut("users", std::to_string(i), i);
    line.say("put");
    line.hear();
  });
  EXPECT_EQ(other.hear(), "put");
  other.kill(SIGKILL);
  other.waitForEnd();
  EXPECT_EQ(storage.hashGetInfo("users").length, 101u);
  EXPECT_EQ(storage.hashGet("users", "99"), 99);
}

TEST_P(Processes, AStoppedOneIsWaitedForAndGoesOn) {
  Process other = inTransaction();
  EXPECT_EQ(other.hear(), "begun");
  other.stop();
  Storage storage = open(Millis(100));
  EXPECT_EQ(failureOf([&] { storage.hashPut("users", "eve", 1); }), Code::LockTimeout);
  const std::vector<LockEntry> locks = storage.locks();
  ASSERT_EQ(locks.size(), 1u);
  EXPECT_EQ(locks[0].process, other.pid());
  other.kill(SIGCONT);
  other.say("commit");
  other.expectSuccess();
  EXPECT_EQ(storage.hashGet("users", "ann"), 1);
}

TEST_P(Processes, ListTheLocksOfAll) {
  Process other = inTransaction();
  EXPECT_EQ(other.hear(), "begun");
  const std::vector<LockEntry> locks = open().locks();
  ASSERT_EQ(locks.size(), 1u);
  EXPECT_EQ(locks[0].name, "users");
  EXPECT_EQ(locks[0].process, other.pid());
  EXPECT_FALSE(locks[0].isWaiting);
  other.say("commit");
  other.expectSuccess();
}

TEST_P(Processes, TransactionsThatWaitForEachOtherAreBrokenUp) {
  const auto cross = [this](const char* first, const char* second) {
    return [this, first, second](const Line& line) {
      Storage storage = open();
      Transaction tx = storage.begin();
      tx.hashPut(first, "k", 1);
      line.say("begun");
      line.hear();
      const auto failure = failureOf([&] {
        tx.hashPut(second, "k", 1);
        tx.commit();
      });
      line.say(failure ? std::string(name(*failure)) : "committed");
      line.hear();
    };
  };
  Process one(cross("users", "mails"));
  Process two(cross("mails", "users"));
  for (const Process* process : {&one, &two}) EXPECT_EQ(process->hear(), "begun");
  for (const Process* process : {&one, &two}) process->say("go");
  std::vector<std::string> ends{one.hear(), two.hear()};
  std::sort(ends.begin(), ends.end());
  EXPECT_EQ(ends, (std::vector<std::string>{"LockTimeout", "committed"}));
  for (Process* process : {&one, &two}) {
    process->say("end");
    process->expectSuccess();
  }
}

TEST_P(Processes, AForkedChildIsRefusedAndTheParentGoesOn) {
  auto storage = std::make_unique<Storage>(open());
  storage->hashPut("users", "ann", 1);
  Process child([&](const Line&) {
    EXPECT_EQ(failureOf([&] { storage->hashPut("users", "bob", 1); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { storage->hashGet("users", "ann"); }), Code::InvalidArgument);
    storage.reset();  // which ends, and ends nothing of the parent
    Storage own = open();
    own.hashPut("users", "bob", 2);
  });
  child.expectSuccess();
  EXPECT_EQ(storage->hashGet("users", "bob"), 2);
  storage->hashPut("users", "ann", 3);
}

// The child waited for ever for the thread that sweeps, which only the parent has.
TEST_P(Processes, AForkedChildEndsAStoreThatIsSwept) {
  Json config = GetParam().config((dir_.path() / "data").string());
  config["sweep_interval"] = 3'600'000;
  auto storage = std::make_unique<Storage>(Storage::open(config));
  storage->hashPut("users", "ann", 1);
  Process([&](const Line&) { storage.reset(); }).expectSuccess();
  EXPECT_EQ(storage->hashGet("users", "ann"), 1);
}

TEST_P(Processes, OneMayOpenAStoreTwice) {
  Storage one = open();
  Storage two = open();
  one.hashPut("users", "ann", 1);
  two.hashPut("users", "ann", 2);
  EXPECT_EQ(one.hashGet("users", "ann"), 2);
}

// A rename of many files waited for the flush of a process that had died in it, under the lock that
// the recovery of that process needs, and ended in LockTimeout.
TEST_P(FileProcesses, AMoveOfManyFilesRecoversWhoDiedInAFlush) {
  Storage storage = open(Millis(5'000));
  Json items = Json::object();
  for (int i = 0; i < 1000; ++i) items[std::to_string(i)] = i;
  storage.hashCreate("large", {{"page_size", 2}});
  storage.hashPutMulti("large", items);
  Process dying([&](const Line& line) {
    Storage other = open();
    line.say("open");
    line.hear();
    dieAtCalls(SYS_renameat2);
    for (;;) other.hashPut("users", "ann", 1);
  });
  EXPECT_EQ(dying.hear(), "open");
  dying.say("go");
  EXPECT_TRUE(WIFSIGNALED(dying.waitForEnd()));

  storage.hashRename("large", "moved");
  EXPECT_EQ(storage.hashGetInfo("moved").length, 1000u);
  EXPECT_EQ(storage.hashGet("moved", "999"), 999);
  EXPECT_EQ(storage.hashGet("users", "ann"), 1);
}

INSTANTIATE_TEST_SUITE_P(Stores, Processes,
                         ::testing::Values(rawFiles(), md5Files(), binaryStore()), storeName);
INSTANTIATE_TEST_SUITE_P(Stores, FileProcesses, ::testing::Values(rawFiles(), md5Files()),
                         storeName);

}  // namespace
}  // namespace hexpage::testing
