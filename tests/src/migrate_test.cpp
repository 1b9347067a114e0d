// migrate(): from any store into any other, whatever happens in between.
#include <gmock/gmock.h>

#include "tests/support/contents.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using ::testing::HasSubstr;

void fill(Storage& storage) { fillWithAll(storage, 1200); }

class Migrate : public ::testing::TestWithParam<std::tuple<StoreKind, StoreKind>> {
 protected:
  Storage& from() { return *from_; }
  Storage& to() { return *to_; }
  void reopenTarget() { to_.reopen(); }

 private:
  TestStore from_{std::get<0>(GetParam())};
  TestStore to_{std::get<1>(GetParam())};
};

TEST_P(Migrate, IsTheIdentity) {
  fill(from());
  const Migrated migrated = migrate(from(), to());
  EXPECT_EQ(migrated.hashes, 3u);
  EXPECT_EQ(migrated.records, 2u);
  EXPECT_EQ(migrated.items, 1204u);
  EXPECT_FALSE(migrated.isResumed);
  EXPECT_EQ(contentOf(to()), contentOf(from()));
  EXPECT_EQ(to().hashGetInfo("empty").options, from().hashGetInfo("empty").options);
  reopenTarget();
  EXPECT_EQ(contentOf(to()), contentOf(from()));
  expectClean(to().verify());
}

TEST_P(Migrate, WhatIsThereIsRefusedOrReplaced) {
  from().hashPutMulti("users", {{"ann", 1}, {"bob", 2}});
  from().put("zone", 1);
  to().hashPut("users", "old", 0);
  EXPECT_EQ(failureOf([&] { migrate(from(), to()); }), Code::Conflict);
  EXPECT_FALSE(to().has("zone"));
  EXPECT_EQ(to().hashGetAll("users"), (Json{{"old", 0}}));
  migrate(from(), to(), {.replace = true});
  EXPECT_EQ(contentOf(to()), contentOf(from()));
}

TEST_P(Migrate, AHashTakesThePlaceOfARecordAndTheOtherWayRound) {
  from().hashPut("one", "k", 1);
  from().put("two", 2);
  to().put("one", 0);
  to().hashPut("two", "k", 0);
  migrate(from(), to(), {.replace = true});
  EXPECT_EQ(contentOf(to()), contentOf(from()));
}

TEST_P(Migrate, OnlyWhatIsNamed) {
  fill(from());
  to().hashPut("kept", "k", 1);
  migrate(from(), to(), {.paths = {"zone", "empty"}});
  EXPECT_EQ(to().list(), (std::vector<std::string>{"empty", "kept", "zone"}));
  EXPECT_EQ(failureOf([&] { migrate(from(), to(), {.paths = {"odd", "none"}}); }), Code::NoSuchKey);
  EXPECT_FALSE(to().has("odd"));
}

TEST_P(Migrate, WhatItsCallerThrowsEndsItAndItGoesOn) {
  fill(from());
  const auto stop = [](const MigrationProgress& at) {
    EXPECT_EQ(at.totalItems, 1204u);
    if (at.path == "app/many" && at.items > 900) throw std::runtime_error("stop");
  };
  EXPECT_THROW(migrate(from(), to(), {.source = "here", .progress = stop}), std::runtime_error);
  EXPECT_FALSE(to().has("app/many"));
  reopenTarget();

  SCOPED_TRACE("another one is not taken for it");
  EXPECT_THAT(messageOf([&] { migrate(from(), to(), {.source = "there"}); }),
              HasSubstr("an unfinished migration from here"));
  EXPECT_EQ(failureOf([&] { migrate(from(), to(), {.paths = {"odd"}, .source = "here"}); }),
            Code::Conflict);

  const Migrated migrated = migrate(from(), to(), {.source = "here"});
  EXPECT_TRUE(migrated.isResumed);
  EXPECT_EQ(migrated.items, 1204u);
  EXPECT_EQ(contentOf(to()), contentOf(from()));
}

TEST_P(Migrate, ASourceThatChangedMeanwhileIsCopiedAnew) {
  fill(from());
  const auto stop = [](const MigrationProgress& at) {
    if (at.path == "app/many") throw std::runtime_error("stop");
  };
  EXPECT_THROW(migrate(from(), to(), {.progress = stop}), std::runtime_error);
  for (int i = 0; i < 1200; i += 7) from().hashPut("app/many", "key " + std::to_string(i), "new");
  from().hashDelete("app/many", "key 1");
  migrate(from(), to());
  EXPECT_EQ(contentOf(to()), contentOf(from()));
}

TEST_P(Migrate, RestartForgetsAnEarlierRun) {
  fill(from());
  const auto stop = [](const MigrationProgress&) { throw std::runtime_error("stop"); };
  EXPECT_THROW(migrate(from(), to(), {.source = "a", .progress = stop}), std::runtime_error);
  EXPECT_FALSE(migrate(from(), to(), {.replace = true, .restart = true, .source = "b"}).isResumed);
  EXPECT_EQ(contentOf(to()), contentOf(from()));
}

std::string pairName(const ::testing::TestParamInfo<std::tuple<StoreKind, StoreKind>>& info) {
  return std::get<0>(info.param).name + "_to_" + std::get<1>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(Stores, Migrate,
                         ::testing::Values(std::tuple(inMemory(), bufferedFiles()),
                                           std::tuple(bufferedFiles(), inMemory()),
                                           std::tuple(rawFiles(), binaryStore()),
                                           std::tuple(binaryStore(), bufferedFiles()),
                                           std::tuple(bufferedFiles(), md5Files())),
                         pairName);

TEST(Migration, FromTheMd5LayoutByName) {
  TestStore from(md5Files());
  TestStore to(prettyFiles());
  fill(*from);
  migrate(*from, *to, {.paths = {"app/many", "odd", "empty", "zone", "app/settings"}});
  EXPECT_EQ(contentOf(*to), contentOf(*from));
}

TEST(Migration, PathsThatTheDestinationWouldChangeAreRefused) {
  TestStore from(inMemory(), {{"lower_case_keys", false}});
  TestStore to(inMemory());
  from->hashPut("Users", "ann", 1);
  EXPECT_THAT(messageOf([&] { migrate(*from, *to); }), HasSubstr("\"lower_case_keys\": false"));
  EXPECT_TRUE(to->list().empty());
}

TEST(Migration, AStoreIsNoDestinationOfItself) {
  TestStore store(inMemory());
  EXPECT_EQ(failureOf([&] { migrate(*store, *store); }), Code::InvalidArgument);
}

// Changes a document of each hash that is built.
class Falsifying : public ForwardingBackend {
 public:
  using ForwardingBackend::ForwardingBackend;

  Applied apply(const Batch& batch) override {
    Batch other = batch;
    for (Change& change : other.changes)
      if (auto* put = std::get_if<Put>(&change); put && put->key == "key 7") put->text = "0";
    return inner().apply(other);
  }
};

TEST(Migration, ACopyThatIsNotWhatWasReadNeverAppears) {
  TestStore from(inMemory());
  fill(*from);
  Storage to = Storage::over(std::make_unique<Falsifying>(makeBackend("memory", Json::object())));
  const auto error = errorOf([&] { migrate(*from, to, {.paths = {"app/many"}}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), Code::Corrupt);
  EXPECT_FALSE(to.has("app/many"));
}

// Ends its process, as kill -9 does, right before one of its batches.
class Dying : public ForwardingBackend {
 public:
  Dying(std::unique_ptr<Backend> inner, int batches)
      : ForwardingBackend(std::move(inner)), left_(batches) {}

  Applied apply(const Batch& batch) override {
    if (left_-- == 0) ::kill(::getpid(), SIGKILL);
    return inner().apply(batch);
  }

 private:
  int left_;
};

TEST(Migration, KilledBetweenAnyTwoBatchesItGoesOn) {
  const TempDir dir;
  const Json source = rawFiles().config(dir.string() + "/from");
  Texts content;
  {
    Storage from = Storage::open(source);
    fill(from);
    content = contentOf(from);
  }
  bool isKilled = true;
  for (int batches = 0; isKilled; ++batches) {
    SCOPED_TRACE("killed after " + std::to_string(batches) + " batches");
    const std::string target = dir.string() + "/to" + std::to_string(batches);
    const Json config = bufferedFiles().config(target);
    Process process([&](const Line&) {
      Storage from = Storage::open(source);
      auto inner = makeBackend("filesystem", config["filesystem"]);
      Storage to = Storage::over(std::make_unique<Dying>(std::move(inner), batches));
      migrate(from, to);
    });
    isKilled = process.waitForEnd() != 0;
    Storage from = Storage::open(source);
    Storage to = Storage::open(config);
    if (isKilled) {
      EXPECT_EQ(migrate(from, to).items, 1204u);
    } else {
      EXPECT_GT(batches, 10) << "it was hardly killed at all";
    }
    EXPECT_EQ(contentOf(to), content);
  }
}

}  // namespace
}  // namespace hexpage::testing
