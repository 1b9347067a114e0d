// A store in memory that is saved to a file: what comes back, when it is saved, and that a save is
// of one moment whatever goes on meanwhile.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class MemorySnapshot : public ::testing::Test {
 protected:
  Json config(int interval = 0) const {
    return {{"backend", "memory"}, {"memory", {{"save_to", file()}, {"save_interval", interval}}}};
  }
  std::string file() const { return (dir_.path() / "store.snapshot").string(); }
  Storage open(int interval = 0) const { return Storage::open(config(interval)); }

  // The store that the file has now, whoever else has it open.
  Storage openCopy() const {
    const std::string copy = (dir_.path() / "copy").string();
    std::filesystem::copy_file(file(), copy, std::filesystem::copy_options::overwrite_existing);
    return Storage::open({{"backend", "memory"}, {"memory", {{"save_to", copy}}}});
  }

  void expectCorrupt() const {
    const std::string damaged = readFile(file());
    EXPECT_EQ(failureOf([&] { open(); }), Code::Corrupt);
    EXPECT_EQ(readFile(file()), damaged) << "it is not to be written over";
  }

  TempDir dir_;
};

TEST_F(MemorySnapshot, EverythingComesBack) {
  {
    Storage storage = open();
    storage.hashCreate("users", {{"page_size", 7}, {"owner", "ann"}});
    for (int n = 0; n < 1000; ++n) storage.hashPut("users", "k" + std::to_string(n), n);
    storage.hashPutText("users", "spelled", "{\"a\" : 1.50}");
    storage.hashCreate("empty");
    storage.put("config/site", {{"name", "x"}});
  }
  Storage storage = open();
  EXPECT_EQ(storage.hashGetInfo("users").length, 1001u);
  EXPECT_EQ(storage.hashGetInfo("users").options, Json({{"page_size", 7}, {"owner", "ann"}}));
  for (int n = 0; n < 1000; ++n) EXPECT_EQ(storage.hashGet("users", "k" + std::to_string(n)), n);
  EXPECT_EQ(storage.hashGetText("users", "spelled"), "{\"a\" : 1.50}");
  EXPECT_EQ(storage.hashGetInfo("empty").length, 0u);
  EXPECT_EQ(storage.get("config/site"), Json({{"name", "x"}}));
  EXPECT_EQ(storage.list(), (std::vector<std::string>{"config/site", "empty", "users"}));
}

TEST_F(MemorySnapshot, IsWrittenBySync) {
  Storage storage = open();
  storage.hashPut("users", "ann", 1);
  EXPECT_FALSE(std::filesystem::exists(file()));
  storage.sync();
  EXPECT_EQ(openCopy().hashGet("users", "ann"), 1);
  storage.hashPut("users", "ann", 2);
  storage.hashPut("users", "bob", 3);
  storage.sync();
  EXPECT_EQ(openCopy().hashGetAll("users").size(), 2u);
  EXPECT_EQ(openCopy().hashGet("users", "ann"), 2);
}

TEST_F(MemorySnapshot, IsWrittenNowAndThen) {
  Storage storage = open(1);
  storage.hashPut("users", "ann", 1);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!std::filesystem::exists(file()) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_EQ(openCopy().hashGet("users", "ann"), 1);
}

TEST_F(MemorySnapshot, IsNotWrittenForNothing) {
  { open().hashPut("users", "ann", 1); }
  const auto before = std::filesystem::last_write_time(file());
  {
    Storage storage = open();
    EXPECT_EQ(storage.hashGet("users", "ann"), 1);
    storage.sync();
  }
  EXPECT_EQ(std::filesystem::last_write_time(file()), before);
}

TEST_F(MemorySnapshot, ForgetsWhatWasDroppedAndMoved) {
  {
    Storage storage = open();
    for (const char* path : {"a", "b", "c", "d"}) storage.hashPut(path, "k", path);
    storage.put("record", 1);
    storage.sync();
    storage.hashDeleteAll("a", true);
    storage.hashDeleteAll("b");
    storage.hashRename("c", "d");
    storage.erase("record");
  }
  Storage storage = open();
  EXPECT_EQ(storage.list(), (std::vector<std::string>{"b", "d"}));
  EXPECT_EQ(storage.hashGetInfo("b").length, 0u);
  EXPECT_EQ(storage.hashGet("d", "k"), "c");
}

TEST_F(MemorySnapshot, DamageAnywhereIsCorrupt) {
  {
    Storage storage = open();
    storage.hashPut("users", "ann", "text");
    storage.put("record", 1);
  }
  const std::string whole = readFile(file());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    writeFile(file(), damaged);
    expectCorrupt();
  }
}

TEST_F(MemorySnapshot, CutShortAnywhereIsCorrupt) {
  { open().hashPut("users", "ann", "text"); }
  const std::string whole = readFile(file());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    writeFile(file(), whole.substr(0, size));
    expectCorrupt();
  }
  writeFile(file(), whole + "x");
  expectCorrupt();
}

TEST_F(MemorySnapshot, BelongsToOneStoreAtATime) {
  const Storage storage = open();
  EXPECT_EQ(failureOf([&] { open(); }), Code::Conflict);
  EXPECT_NE(messageOf([&] { open(); }).find("store.snapshot"), std::string::npos);
}

TEST_F(MemorySnapshot, ItsDirectoryMustBeThere) {
  EXPECT_EQ(failureOf([] {
              Storage::open({{"backend", "memory"}, {"memory", {{"save_to", "/nowhere/file"}}}});
            }),
            Code::Io);
}

TEST_F(MemorySnapshot, AFailedSaveIsToldAndTriedAgain) {
  Storage storage = open();
  storage.hashPut("users", "ann", 1);
  std::filesystem::create_directory(file() + ".new");  // where the new one would be
  EXPECT_TRUE(failureOf([&] { storage.sync(); }).has_value());
  ASSERT_EQ(storage.verify().findings.size(), 1u);
  EXPECT_NE(storage.verify().findings[0].reason.find("last save failed"), std::string::npos);
  storage.hashPut("users", "bob", 2);
  std::filesystem::remove(file() + ".new");
  storage.sync();
  EXPECT_TRUE(storage.verify().clean());
  EXPECT_EQ(openCopy().hashGetAll("users").size(), 2u);
}

TEST_F(MemorySnapshot, AForkedChildDoesNotSave) {
  {
    auto storage = std::make_unique<Storage>(open());
    storage->hashPut("users", "ann", 1);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      storage->hashPut("users", "ann", 2);
      storage.reset();
      ::_exit(std::filesystem::exists(file()) ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open().hashGet("users", "ann"), 1);
}

// Money goes to and fro among the items of two hashes while the store is saved over and over.
TEST_F(MemorySnapshot, IsOfOneMoment) {
  constexpr int kKeys = 700, kSaves = 12;
  Storage storage = open();
  for (const char* path : {"a", "b"}) {
    Json all = Json::object();
    for (int n = 0; n < kKeys; ++n) all["k" + std::to_string(n)] = 100;
    storage.hashPutMulti(path, all);
  }
  std::atomic<bool> isOver = false;
  std::thread mover([&] {
    for (int n = 0; !isOver; ++n)
      storage.transaction({"a", "b"}, [&](Transaction& tx) {
        const std::string from = "k" + std::to_string(n % kKeys);
        const std::string to = "k" + std::to_string(n * 7 % kKeys);
        tx.hashDecrement("a", from);
        tx.hashIncrement("b", to);
      });
  });
  for (int n = 0; n < kSaves; ++n) {
    storage.sync();
    Storage copy = openCopy();
    std::int64_t sum = 0;
    for (const char* path : {"a", "b"})
      copy.hashEach(
          path, [&](const std::string&, const Json& value) { sum += value.get<std::int64_t>(); });
    EXPECT_EQ(sum, 2 * 100 * kKeys);
  }
  isOver = true;
  mover.join();
}

// Hashes are renamed, cleared, dropped and made while the store is saved: of two that change places
// by way of a third, a snapshot has both items, and of a pair that is made and dropped together
// both or none.
TEST_F(MemorySnapshot, IsOfOneMomentForHashesToo) {
  constexpr int kKeys = 600, kSaves = 12;
  Storage storage = open();
  Json all = Json::object();
  for (int n = 0; n < kKeys; ++n) all["k" + std::to_string(n)] = n;
  storage.hashPutMulti("one", all);
  std::atomic<bool> isOver = false;
  std::thread mover([&] {
    while (!isOver) {
      storage.hashRename("one", "two");
      storage.hashRename("two", "one");
      storage.transaction({"left", "right"}, [&](Transaction& tx) {
        tx.hashPutMulti("left", all);
        tx.hashPutMulti("right", all);
      });
      storage.transaction({"left", "right"}, [&](Transaction& tx) {
        tx.hashDeleteAll("left");
        tx.hashDeleteAll("right", true);
      });
    }
  });
  for (int n = 0; n < kSaves; ++n) {
    storage.sync();
    Storage copy = openCopy();
    EXPECT_EQ(copy.hashGetAll("one").size() + copy.hashGetAll("two").size(), kKeys + 0u);
    EXPECT_EQ(copy.hashGetAll("left").size(), copy.hashGetAll("right").size());
  }
  isOver = true;
  mover.join();
}

TEST_F(MemorySnapshot, TheConfigIsChecked) {
  const Json bad = {{"backend", "memory"}, {"memory", {{"save_two", "x"}}}};
  EXPECT_EQ(failureOf([&] { Storage::checkConfig(bad); }), Code::InvalidArgument);
  EXPECT_NE(messageOf([&] { Storage::checkConfig(bad); }).find("save_to"), std::string::npos);
  EXPECT_EQ(failureOf([] {
              Storage::checkConfig({{"backend", "memory"}, {"memory", {{"save_interval", -1}}}});
            }),
            Code::InvalidArgument);
}

}  // namespace
}  // namespace hexpage::testing
