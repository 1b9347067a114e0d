// What is told of the journals of a filesystem store, and what is missed.
#include "filesystem/journal_feed.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <hexpage/testing/contract/temp_dir.hpp>

#include "filesystem/batch_frame.hpp"
#include "filesystem/journal_pair.hpp"

namespace hexpage {
namespace {

using Strings = std::vector<std::string>;

class JournalFeedTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kStore = 4711;

  JournalFeedTest() {
    std::filesystem::create_directories(dir_.path() / ".hexpage/journals");
    leases_ = std::make_shared<Leases>(open(".hexpage").get(), 1, LeaseEvents{});
    leases_->start();
    journal_ = std::make_unique<JournalPair>(directory_.get(), leases_->self(), kStore);
    journal_->scan([](const JournalPair::Frame&) {});
  }

  Fd open(const std::string& folder) const {
    return Fd(::open((dir_.path() / folder).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  void apply(const std::string& path) {
    const Batch batch = Batch().add(Clear{path});
    journal_->append(Journal::Kind::Batch, batchTime(monotonicNanos()) + encode(batch));
  }
  void giveUpATurn() {
    if (journal_->keepsLastTurn()) journal_->giveUpLastTurn();
    journal_->beginTurn();
  }

  // The paths of what is told, and "missed".
  static Strings told(ChangeFeed& feed) {
    Strings told;
    const ChangeFeed::Take take{
        .batch =
            [&](const Batch& batch) { told.push_back(std::get<Clear>(batch.changes[0]).path); },
        .missed = [&] { told.push_back("missed"); }};
    while (feed.next(take, Millis(0))) {
    }
    return told;
  }

  testing::TempDir dir_;
  Fd directory_ = open(".");
  std::shared_ptr<Leases> leases_;
  std::unique_ptr<JournalPair> journal_;
};

TEST_F(JournalFeedTest, TurnsThatAreKeptAreTold) {
  apply("before");
  JournalFeed feed(directory_.get(), kStore, leases_);
  apply("a");
  giveUpATurn();
  apply("b");
  EXPECT_EQ(told(feed), (Strings{"a", "b"}));
  giveUpATurn();
  apply("c");
  EXPECT_EQ(told(feed), (Strings{"c"}));
}

TEST_F(JournalFeedTest, WhoComesTooLateIsToldSo) {
  JournalFeed feed(directory_.get(), kStore, leases_);
  for (const std::string path : {"a", "b", "c", "d", "e"}) {
    apply(path);
    giveUpATurn();
  }
  const Strings late = told(feed);
  ASSERT_FALSE(late.empty());
  EXPECT_EQ(late.front(), "missed");
  EXPECT_EQ(late.back(), "e");
  apply("f");
  EXPECT_EQ(told(feed), (Strings{"f"}));
}

}  // namespace
}  // namespace hexpage
