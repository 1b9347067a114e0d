// Files that somebody else changes while hexpage has changes of them that are not in them yet.
#include <time.h>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

// As editors and Node do it: another file in its place, which has no checksum.
void edit(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::remove(file);
  writeFile(file, text);
}

// Nothing comes into the files but by sync() and close().
class Conflicts : public ::testing::Test {
 protected:
  std::filesystem::path kept(const std::string& name) const {
    return store_.dir() / ".hexpage/conflicts" / name;
  }

  TestStore store_{bufferedFiles(), {{"sync_interval", 3'600'000}}};
};

constexpr const char* kEdited = R"({"type":"hash_page","length":1,"items":{"ann":"edited"}})";

// An edit that an editor or Node had made between the loading of a page and its flush was lost.
TEST_F(Conflicts, AnEditOfAPageIsKeptAsideAndReported) {
  store_->hashPut("users", "ann", 1);
  store_->sync();
  store_->hashPut("users", "bob", 2);
  edit(store_.dir() / "users/data.json", kEdited);
  store_->sync();
  EXPECT_EQ(store_->hashGetAll("users"), Json({{"ann", 1}, {"bob", 2}}));
  EXPECT_EQ(readFile(kept("users_data.json")), kEdited);
  const Report report = store_->verify();
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].file, ".hexpage/conflicts/users_data.json");
  EXPECT_FALSE(report.clean());
  std::filesystem::remove(kept("users_data.json"));
  expectClean(store_->verify());
}

TEST_F(Conflicts, AFileThatIsToBeRemovedOrWasNotThereIsKeptToo) {
  store_->hashPut("users", "ann", 1);
  store_->sync();
  store_->hashDeleteAll("users", true);
  store_->hashPut("mails", "m", 1);
  edit(store_.dir() / "users/data.json", kEdited);
  edit(store_.dir() / "mails/data.json", kEdited);
  store_->sync();
  EXPECT_EQ(readFile(kept("users_data.json")), kEdited);
  EXPECT_EQ(readFile(kept("mails_data.json")), kEdited);
  EXPECT_EQ(store_->list().size(), 1u);
}

TEST_F(Conflicts, AnEditBeforeTheRecoveryOfADeadProcessIsKept) {
  store_->hashPut("users", "ann", 1);
  store_.close();
  Process dying([this](const Line&) {
    store_.open();
    store_->hashPut("users", "bob", 2);
    ::raise(SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(dying.waitForEnd()));
  edit(store_.dir() / "users/data.json", kEdited);
  store_.open();
  // The put is applied to what is there now, so nothing is in the way of anything.
  EXPECT_EQ(store_->hashGetAll("users"), Json({{"ann", "edited"}, {"bob", 2}}));
  EXPECT_FALSE(std::filesystem::exists(kept("")));
}

// What was written in the same tick of the clock as it was looked at is not looked at again.
void awaitTick() {
  const auto now = [] {
    timespec time;
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return time.tv_nsec / 1'000'000;
  };
  for (const auto begin = now(); now() == begin;) {
  }
}

TEST_F(Conflicts, AnEditAfterAFlushIsTheStoresOwn) {
  for (int round = 0; round < 3; ++round) {
    store_->hashPut("users", "ann", round);
    store_->hashPut("users", "bob", round);
    store_->sync();
    awaitTick();
    edit(store_.dir() / "users/data.json", kEdited);
    edit(store_.dir() / "users.json", R"({"page_size":50,"length":1,"type":"hash"})");
    store_->hashPut("users", "eve", round);
    EXPECT_EQ(store_->hashGet("users", "ann"), "edited");
    store_->hashDelete("users", "eve");
    store_->sync();
  }
  EXPECT_FALSE(std::filesystem::exists(kept("")));
}

}  // namespace
}  // namespace hexpage::testing
