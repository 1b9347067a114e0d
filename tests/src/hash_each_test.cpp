// hashEach, hashEachText, hashEachPage, hashItems.
#include <set>

#include "tests/support/stores.hpp"

namespace hexpage::testing {

class Each : public HashApi {
 protected:
  static constexpr int kCount = 90;

  void SetUp() override {
    Json records = Json::object();
    for (int n = 0; n < kCount; ++n) records["key" + std::to_string(n)] = n;
    storage().hashPutMulti("users", records, {.create = {{"page_size", 5}}});
  }

  void see(const std::string& key) { EXPECT_TRUE(seen_.insert(key).second) << key; }
  bool hasSeenAll() const {
    for (int n = 0; n < kCount; ++n)
      if (!seen_.contains("key" + std::to_string(n))) return false;
    return true;
  }

  std::set<std::string> seen_;
};

INSTANTIATE_TEST_SUITE_P(Stores, Each,
                         ::testing::Values(inMemory(), rawFiles(), md5Files(), binaryStore()),
                         storeName);

TEST_P(Each, VisitsEveryItemOnce) {
  storage().hashEach("users", [&](const std::string& key, const Json& value) {
    see(key);
    EXPECT_EQ(key, "key" + value.dump());
  });
  EXPECT_EQ(seen_.size(), static_cast<std::size_t>(kCount));
}

TEST_P(Each, VisitsEveryItemOfAStoreJustOpened) {
  reopen();
  storage().hashEach("users", [&](const std::string& key, const Json& value) {
    see(key);
    EXPECT_EQ(key, "key" + value.dump());
  });
  EXPECT_EQ(seen_.size(), static_cast<std::size_t>(kCount));
}

TEST_P(Each, AFalseEndsIt) {
  storage().hashEach("users", [&](const std::string& key, const Json&) {
    see(key);
    return seen_.size() < 5;
  });
  EXPECT_EQ(seen_.size(), 5u);
}

TEST_P(Each, AnExceptionOfTheVisitorComesThrough) {
  const auto stopAtFive = [&](const std::string& key, const Json&) {
    see(key);
    if (seen_.size() == 5) throw std::domain_error("five");
  };
  EXPECT_THROW(storage().hashEach("users", stopAtFive), std::domain_error);
  EXPECT_EQ(seen_.size(), 5u);
  storage().hashPut("users", "key0", 1);  // no lock is left
}

TEST_P(Each, OfNothingVisitsNothing) {
  storage().hashCreate("empty");
  for (const char* path : {"nobody", "empty"}) {
    storage().hashEach(path, [&](const std::string& key, const Json&) { see(key); });
    storage().hashEachText(path, [&](const std::string& key, const std::string&) { see(key); });
    storage().hashEachPage(path, [&](const Json&) { see("page"); });
    for (const auto& [key, value] : storage().hashItems(path)) see(key);
  }
  EXPECT_TRUE(seen_.empty());
}

TEST_P(Each, TextGivesTheStoredText) {
  storage().hashPutText("texts", "a", R"({"n":1.10})");
  storage().hashEachText("texts", [&](const std::string& key, const std::string& text) {
    see(key);
    EXPECT_EQ(text, R"({"n":1.10})");
  });
  EXPECT_EQ(seen_.size(), 1u);
}

TEST_P(Each, TextEndsAtFalse) {
  storage().hashEachText("users", [&](const std::string& key, const std::string&) {
    see(key);
    return false;
  });
  EXPECT_EQ(seen_.size(), 1u);
}

TEST_P(Each, PageGivesManyItemsAndNeverNone) {
  storage().hashEachPage("users", [&](const Json& items) {
    EXPECT_FALSE(items.empty());
    for (const auto& [key, value] : items.items()) see(key);
  });
  EXPECT_EQ(seen_.size(), static_cast<std::size_t>(kCount));
}

TEST_P(Each, PageEndsAtFalse) {
  int pages = 0;
  storage().hashEachPage("users", [&](const Json&) { return ++pages < 1; });
  EXPECT_EQ(pages, 1);
}

TEST_P(Each, ItemsCanBeLoopedOver) {
  for (const auto& [key, value] : storage().hashItems("users")) {
    see(key);
    EXPECT_EQ(key, "key" + value.dump());
  }
  EXPECT_EQ(seen_.size(), static_cast<std::size_t>(kCount));
}

TEST_P(Each, ALoopOverItemsMayBreakAndBeginAnew) {
  const HashRange items = storage().hashItems("users");
  for (const auto& entry : items) {
    see(entry.first);
    break;
  }
  EXPECT_EQ(seen_.size(), 1u);
  seen_.clear();
  for (const auto& entry : items) see(entry.first);
  EXPECT_EQ(seen_.size(), static_cast<std::size_t>(kCount));
}

TEST_P(Each, TheVisitorMayDeleteWhatItSees) {
  storage().hashEach("users", [&](const std::string& key, const Json&) {
    see(key);
    storage().hashDelete("users", key);
  });
  EXPECT_TRUE(hasSeenAll());
  EXPECT_EQ(storage().hashGetInfo("users").length, 0u);
}

TEST_P(Each, TheVisitorMayPutNewItems) {
  int added = 0;
  storage().hashEach("users", [&](const std::string& key, const Json&) {
    see(key);
    if (added < 200) storage().hashPut("users", "new" + std::to_string(added++), 0);
  });
  EXPECT_TRUE(hasSeenAll());
  EXPECT_EQ(storage().hashGetInfo("users").length, static_cast<std::size_t>(kCount + added));
}

TEST_P(Each, TheLoopMayUpdateWhatItSees) {
  for (const auto& [key, value] : storage().hashItems("users")) {
    see(key);
    storage().hashPut("users", key, {{"was", value}});
  }
  EXPECT_TRUE(hasSeenAll());
  EXPECT_EQ(storage().hashGet("users", "key7"), (Json{{"was", 7}}));
}

TEST_P(Each, TheVisitorMayDropTheHash) {
  storage().hashEach("users", [&](const std::string& key, const Json&) {
    see(key);
    if (seen_.size() == 1) storage().hashDeleteAll("users", true);
  });
  EXPECT_FALSE(storage().has("users"));
}

TEST_P(Each, TheVisitorMayReadAndLoopAgain) {
  int inner = 0;
  storage().hashEach("users", [&](const std::string& key, const Json& value) {
    EXPECT_EQ(storage().hashGet("users", key), value);
    if (inner == 0) storage().hashEach("users", [&](const std::string&, const Json&) { ++inner; });
  });
  EXPECT_EQ(inner, kCount);
}

// Pages are read ahead of a loop. Where each has five items, what was written is seen but for those
// of the page that the loop is at.
TEST(EachOfFiles, SeesWhatIsWrittenToThePagesAhead) {
  for (const StoreKind& kind : {rawFiles(), bufferedFiles()}) {
    TestStore store(kind);
    Json records = Json::object();
    for (int n = 0; n < 60; ++n) records["key" + std::to_string(n)] = "old";
    store->hashPutMulti("h", records, {.create = {{"page_size", 5}}});
    store.reopen();
    int visits = 0, old = 0;
    store->hashEach("h", [&](const std::string&, const Json& value) {
      if (++visits == 20)
        for (const auto& [key, was] : records.items()) store->hashPut("h", key, "new");
      old += visits > 20 && value == "old";
    });
    EXPECT_EQ(visits, 60);
    EXPECT_LT(old, 5) << kind.name;
  }
}

}  // namespace hexpage::testing
