// Stores that are opened for reading only: what is stored is seen, with what a process that died
// has left in its journal, and nothing on disk changes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <hexpage/hexpage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>

#include "support/fd.hpp"
#include "support/lock_bytes.hpp"
#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

namespace fs = std::filesystem;

void expectRefused(const std::function<void()>& call) {
  EXPECT_EQ(failureOf(call), Code::ReadOnly) << messageOf(call);
}

void expectNothingCanBeWritten(Storage& storage) {
  expectRefused([&] { storage.hashPut("users", "ann", 2); });
  expectRefused([&] { storage.hashPutMulti("users", {{"ann", 2}}); });
  expectRefused([&] { storage.hashDelete("users", "ann"); });
  expectRefused([&] { storage.hashUpdate("users", "ann", {{"x", 1}}); });
  expectRefused([&] { storage.hashIncrement("users", "ann"); });
  expectRefused([&] { storage.hashDeleteAll("users"); });
  expectRefused([&] { storage.hashCreate("more"); });
  expectRefused([&] { storage.hashCopy("users", "more"); });
  expectRefused([&] { storage.hashRename("users", "more"); });
  expectRefused([&] { storage.put("settings", 1); });
  expectRefused([&] { storage.begin({"users"}); });
  expectRefused([&] { storage.repair(); });
}

class ReadOnly : public ::testing::TestWithParam<StoreKind> {
 protected:
  fs::path dir() const { return dir_.path() / "data"; }

  Storage open(bool readOnly, Millis lockTimeout = Millis(20'000)) const {
    Json config = GetParam().config(dir().string());
    config["read_only"] = readOnly;
    config["lock_timeout"] = lockTimeout.count();
    config["sync_interval"] = 3'600'000;
    return Storage::open(config);
  }

  // A process that puts something and dies before it is in its file.
  void dieWithAPut() const {
    Process dying([this](const Line&) {
      Storage storage = open(false);
      storage.hashPut("users", "bob", 2);
      ::raise(SIGKILL);
    });
    EXPECT_TRUE(WIFSIGNALED(dying.waitForEnd()));
  }

  // Each file below the directory: when it was written last, and what it holds.
  std::map<std::string, std::pair<fs::file_time_type, std::string>> everything() const {
    std::map<std::string, std::pair<fs::file_time_type, std::string>> all;
    for (const auto& entry : fs::recursive_directory_iterator(dir()))
      all[entry.path().string()] = {entry.last_write_time(),
                                    entry.is_regular_file() ? readFile(entry.path()) : ""};
    return all;
  }

  void letEverybodyRead() const {
    for (const auto& entry : fs::recursive_directory_iterator(dir()))
      ::chmod(entry.path().c_str(), entry.is_directory() ? 0755 : 0644);
    ::chmod(dir().c_str(), 0755);
    ::chmod(dir_.path().c_str(), 0755);
  }

  // Without permission to write here, for good.
  static void becomeNobody() { EXPECT_EQ(::setegid(65534) + ::seteuid(65534), 0); }

  // In a process that is nobody.
  template <class Work>
  void asNobody(Work work) const {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    letEverybodyRead();
    Process([&](const Line&) {
      becomeNobody();
      work();
    }).expectSuccess();
  }

  // Another process, after `begin`, sees what is changed in the store, and can change nothing.
  template <class Begin>
  void expectSeesChanges(Storage& storage, bool readOnly, Begin begin) const {
    Process reader([&](const Line& line) {
      begin();
      Storage other = open(readOnly);
      EXPECT_EQ(other.hashGet("users", "ann"), 1);
      expectNothingCanBeWritten(other);
      line.say("read");
      line.hear();
      EXPECT_EQ(other.hashGet("users", "ann"), 2);
    });
    EXPECT_EQ(reader.hear(), "read");
    storage.hashPut("users", "ann", 2);
    reader.say("changed");
    reader.expectSuccess();
  }

  TempDir dir_;
};
INSTANTIATE_TEST_SUITE_P(Stores, ReadOnly, ::testing::Values(rawFiles(), md5Files(), binaryStore()),
                         storeName);

// Where who reads a store as it lies can not follow what others write.
class ReadOnlyFiles : public ReadOnly {};
INSTANTIATE_TEST_SUITE_P(Stores, ReadOnlyFiles, ::testing::Values(rawFiles(), md5Files()),
                         storeName);

// A log is followed with what reading takes, so nobody is kept out or refused.
class ReadOnlyLog : public ReadOnly {};
INSTANTIATE_TEST_SUITE_P(Stores, ReadOnlyLog, ::testing::Values(binaryStore()), storeName);

TEST_P(ReadOnly, ReadsAndChangesNothing) {
  {
    Storage storage = open(false);
    storage.hashPut("users", "ann", 1);
    storage.put("settings", "dark");
  }
  const auto before = everything();
  {
    Storage storage = open(true);
    EXPECT_EQ(storage.hashGet("users", "ann"), 1);
    EXPECT_EQ(storage.get("settings"), "dark");
    EXPECT_EQ(storage.list().size(), 2u);
    expectNothingCanBeWritten(storage);
    expectClean(storage.verify());
    EXPECT_EQ(storage.hashGet("users", "ann"), 1);
  }
  EXPECT_EQ(everything(), before);
}

TEST_P(ReadOnly, SeesWhatADeadProcessHasLeft) {
  {
    Storage storage = open(false);
    storage.hashPut("users", "ann", 1);
  }
  dieWithAPut();
  const auto before = everything();
  {
    Storage storage = open(true);
    EXPECT_EQ(storage.hashGet("users", "ann"), 1);
    EXPECT_EQ(storage.hashGet("users", "bob"), 2);
    EXPECT_EQ(storage.hashGetAll("users").size(), 2u);
    EXPECT_EQ(storage.hashGetInfo("users").length, 2u);
    expectClean(storage.verify());
  }
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(open(false).hashGet("users", "bob"), 2);
}

TEST_P(ReadOnlyFiles, SeesAHashThatWasBeingMoved) {
  Json items = Json::object();
  for (int i = 0; i < 1000; ++i) items[std::to_string(i)] = i;
  Process dying([&](const Line&) {
    Storage storage = open(false);
    storage.hashCreate("large", {{"page_size", 2}});
    storage.hashPutMulti("large", items);
    storage.sync();
    dieAtCalls(SYS_renameat2);  // in the first of its moves
    dieAtCalls(SYS_renameat);
    storage.hashRename("large", "moved");
  });
  EXPECT_TRUE(WIFSIGNALED(dying.waitForEnd()));
  const auto before = everything();
  {
    Storage storage = open(true);
    EXPECT_EQ(storage.list().size(), 1u);
    EXPECT_EQ(storage.hashGet("moved", "999"), 999);
    EXPECT_EQ(storage.hashGetAll("moved").size(), 1000u);
    expectClean(storage.verify());
  }
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(open(false).hashGetInfo("moved").length, 1000u);
}

TEST_P(ReadOnlyFiles, KeepsOutWhoWritesAndNoReader) {
  open(false).hashPut("users", "ann", 1);
  Storage storage = open(true);
  EXPECT_EQ(open(true).hashGet("users", "ann"), 1);
  EXPECT_EQ(failureOf([&] { open(false, Millis(20)); }), Code::LockTimeout);
  EXPECT_EQ(storage.hashGet("users", "ann"), 1);
}

TEST_P(ReadOnly, NeedsNoPermissionToWrite) {
  open(false).hashPut("users", "ann", 1);
  dieWithAPut();
  asNobody([this] {
    for (const bool readOnly : {true, false}) {
      Storage storage = open(readOnly);
      EXPECT_EQ(storage.hashGet("users", "ann"), 1);
      EXPECT_EQ(storage.hashGet("users", "bob"), 2);
      expectNothingCanBeWritten(storage);
      expectClean(storage.verify());
    }
  });
}

// What is in the way for a moment only refuses nobody.
TEST_P(ReadOnlyFiles, TriesAgainWhileAnotherProgramHasTheLock) {
  open(false).hashPut("users", "ann", 1);
  Fd other(::open((dir() / ".hexpage/lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(other);
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = lockbytes::kReaders;
  range.l_len = 1;
  ASSERT_EQ(::fcntl(other.get(), F_OFD_SETLK, &range), 0);
  const auto begin = std::chrono::steady_clock::now();
  const auto refusal = errorOf([&] { open(true, Millis(30)); });
  EXPECT_GE(std::chrono::steady_clock::now() - begin, Millis(30));
  ASSERT_TRUE(refusal);
  EXPECT_NE(std::string(refusal->what()).find("another program has locked"), std::string::npos);
  other = Fd();
  EXPECT_EQ(open(true, Millis(30)).hashGet("users", "ann"), 1);
}

TEST_P(ReadOnlyFiles, WithoutPermissionIsRefusedWhereOthersWrite) {
  Storage storage = open(false);
  storage.hashPut("users", "ann", 1);
  asNobody([this] {
    for (const bool readOnly : {true, false}) {
      const auto refusal = errorOf([&] { open(readOnly); });
      ASSERT_TRUE(refusal);
      EXPECT_EQ(refusal->systemCode(), EACCES);
      EXPECT_NE(std::string(refusal->what()).find("Another process has"), std::string::npos);
    }
  });
  storage.hashPut("users", "ann", 2);
}

// With no room for a single file more, as with no inodes left, a store could not be opened again.
TEST_P(ReadOnly, IsWhatAStoreBecomesThatHasNoRoomToOpen) {
  open(false).hashPut("users", "ann", 1);
  dieWithAPut();
  Process([this](const Line&) {
    const rlimit none{0, 0};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    Storage storage = open(false);
    EXPECT_EQ(storage.hashGet("users", "bob"), 2);
    expectNothingCanBeWritten(storage);
  }).expectSuccess();
  open(false).hashPut("users", "ann", 2);
}

TEST_P(ReadOnly, TakesPartInAStoreThatIsOpen) {
  Storage storage = open(false);
  storage.hashPut("users", "ann", 1);
  expectSeesChanges(storage, true, [] {});
}

TEST_P(ReadOnlyLog, KeepsNobodyOutAndFollows) {
  open(false).hashPut("users", "ann", 1);
  dieWithAPut();
  Storage storage = open(true);
  EXPECT_EQ(storage.hashGet("users", "bob"), 2);
  Storage writer = open(false, Millis(20));
  writer.hashPut("users", "ann", 2);
  EXPECT_EQ(storage.hashGet("users", "ann"), 2);
  writer.hashDelete("users", "bob");
  EXPECT_EQ(storage.hashGetInfo("users").length, 1u);
  expectClean(storage.verify());
}

TEST_P(ReadOnlyLog, WithoutPermissionFollowsWhereOthersWrite) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  Storage storage = open(false);
  for (const bool readOnly : {true, false}) {
    storage.hashPut("users", "ann", 1);
    letEverybodyRead();
    expectSeesChanges(storage, readOnly, becomeNobody);
  }
}

TEST_P(ReadOnly, MakesNoStore) {
  EXPECT_EQ(failureOf([&] { open(true); }), Code::Io);
  EXPECT_FALSE(fs::exists(dir()));
}

TEST(ReadOnlyStores, InMemoryAreEmptyAndStaySo) {
  Storage storage = Storage::open({{"backend", "memory"}, {"read_only", true}});
  EXPECT_TRUE(storage.list().empty());
  expectNothingCanBeWritten(storage);
}

}  // namespace
}  // namespace hexpage::testing
