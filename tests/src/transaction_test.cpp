// Transactions over every store: what is seen when, and what each call does in one.
#include <set>

#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class TransactionTest : public HashApi {
 protected:
  // Ann has 10, Bob 20.
  void SetUp() override { storage().hashPutMulti("accounts", {{"ann", 10}, {"bob", 20}}); }

  // The files of hashes and records, without what the backend keeps for itself.
  std::vector<std::string> dataFiles() {
    std::vector<std::string> files = storage().files();
    std::erase_if(files, [](const std::string& file) { return file.starts_with(".hexpage/"); });
    return files;
  }

  static std::map<std::string, Json> itemsOf(Hashes& hashes, std::string_view path) {
    std::map<std::string, Json> items;
    hashes.hashEach(path, [&](const std::string& key, const Json& value) {
      EXPECT_TRUE(items.emplace(key, value).second) << "told twice: " << key;
    });
    return items;
  }
};
using Documents = std::map<std::string, Json>;

INSTANTIATE_TEST_SUITE_P(Stores, TransactionTest, ::testing::ValuesIn(allStores()), storeName);

TEST_P(TransactionTest, IsUnseenUntilCommit) {
  Transaction tx = storage().begin({"accounts", "audit"});
  tx.hashPut("accounts", "ann", 5);
  tx.hashDelete("accounts", "bob");
  tx.hashPut("audit", "1", "moved");
  EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 10}, {"bob", 20}}));
  EXPECT_EQ(storage().hashGetInfo("accounts").length, 2u);
  EXPECT_FALSE(storage().has("audit"));
  tx.commit();
  holds([&] {
    EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 5}}));
    EXPECT_EQ(storage().hashGet("audit", "1"), "moved");
    EXPECT_EQ(storage().hashGetInfo("accounts").length, 1u);
  });
}

TEST_P(TransactionTest, SeesItsOwnWrites) {
  Transaction tx = storage().begin({"accounts", "audit", "state"});
  tx.hashPut("accounts", "ann", 5);
  tx.hashPut("accounts", "eve", 1);
  tx.hashDelete("accounts", "bob");
  tx.put("state", "busy");
  EXPECT_EQ(tx.hashGet("accounts", "ann"), 5);
  EXPECT_FALSE(tx.hashHas("accounts", "bob"));
  EXPECT_EQ(tx.hashGetMulti("accounts", {"eve", "bob", "ann"}),
            (std::vector<std::optional<Json>>{1, std::nullopt, 5}));
  EXPECT_EQ(itemsOf(tx, "accounts"), (Documents{{"ann", 5}, {"eve", 1}}));
  EXPECT_EQ(tx.hashGetInfo("accounts").length, 2u);
  EXPECT_EQ(tx.get("accounts")["length"], 2);
  EXPECT_EQ(tx.get("state"), "busy");
  EXPECT_EQ(tx.list(), (std::vector<std::string>{"accounts", "state"}));
  EXPECT_EQ(tx.hashes().size(), 1u);
}

TEST_P(TransactionTest, RollsBackWhenItIsDestroyed) {
  {
    Transaction tx = storage().begin({"accounts"});
    tx.hashDeleteAll("accounts", true);
  }
  holds([&] { EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 10}, {"bob", 20}})); });
}

TEST_P(TransactionTest, RollsBackOnAnException) {
  EXPECT_THROW(storage().transaction({"accounts"},
                                     [](Transaction& tx) {
                                       tx.hashPut("accounts", "ann", 0);
                                       throw std::runtime_error("no");
                                     }),
               std::runtime_error);
  EXPECT_EQ(storage().hashGet("accounts", "ann"), 10);
  storage().hashPut("accounts", "ann", 11);  // its lock is free
}

TEST_P(TransactionTest, GivesWhatItsWorkGives) {
  const int sum = storage().transaction({"accounts"}, [](Transaction& tx) {
    const int ann = tx.hashGet("accounts", "ann"), bob = tx.hashGet("accounts", "bob");
    tx.hashPut("accounts", "sum", ann + bob);
    return ann + bob;
  });
  EXPECT_EQ(sum, 30);
  EXPECT_EQ(storage().hashGet("accounts", "sum"), 30);
}

TEST_P(TransactionTest, ItsWorkMayEndItItself) {
  const bool isDone = storage().transaction({"accounts"}, [](Transaction& tx) {
    tx.hashPut("accounts", "ann", 0);
    tx.rollback();
    return false;
  });
  EXPECT_FALSE(isDone);
  EXPECT_EQ(storage().hashGet("accounts", "ann"), 10);
  storage().transaction({"accounts"}, [](Transaction& tx) {
    tx.hashPut("accounts", "ann", 1);
    tx.commit();
  });
  EXPECT_EQ(storage().hashGet("accounts", "ann"), 1);
}

TEST_P(TransactionTest, RefusesWhatWasNotNamed) {
  storage().hashPut("other", "k", 1);
  Transaction tx = storage().begin({"accounts"});
  EXPECT_EQ(failureOf([&] { tx.hashPut("other", "k", 2); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { tx.hashGet("other", "k"); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { tx.has("other"); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { tx.hashItems("other"); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { tx.hashCopy("accounts", "other"); }), Code::InvalidArgument);
  EXPECT_EQ(messageOf([&] { tx.put("other", 1); }),
            "other was not named when the transaction began; it has accounts");
  tx.hashPut("accounts", "ann", 1);
  tx.commit();
  EXPECT_EQ(storage().hashGet("accounts", "ann"), 1);
  EXPECT_EQ(storage().hashGet("other", "k"), 1);
}

TEST_P(TransactionTest, TakesNamesAsTheyAreNormalised) {
  Transaction tx = storage().begin({"/Accounts/", "accounts"});
  tx.hashPut("accounts", "ann", 1);
  tx.hashPut("ACCOUNTS", "bob", 2);
  tx.commit();
  EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 1}, {"bob", 2}}));
}

TEST_P(TransactionTest, NeedsAName) {
  EXPECT_EQ(failureOf([&] { storage().begin(std::vector<std::string>()); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().begin({"../x"}); }), Code::InvalidArgument);
}

TEST_P(TransactionTest, RefusesUseAfterItsEnd) {
  Transaction committed = storage().begin({"accounts"});
  committed.commit();
  Transaction rolledBack = storage().begin({"accounts"});
  const auto range = rolledBack.hashItems("accounts");
  auto item = range.begin();
  rolledBack.rollback();
  for (Transaction* tx : {&committed, &rolledBack}) {
    EXPECT_FALSE(tx->isOpen());
    EXPECT_EQ(failureOf([&] { tx->hashPut("accounts", "ann", 1); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { tx->hashGet("accounts", "ann"); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { tx->hashEach("accounts", [](auto&, auto&) {}); }),
              Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { tx->list(); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { tx->commit(); }), Code::InvalidArgument);
    tx->rollback();
  }
  EXPECT_EQ(messageOf([&] { committed.commit(); }), "this transaction has been committed");
  EXPECT_EQ(failureOf([&] { range.begin(); }), Code::InvalidArgument);
  EXPECT_EQ(storage().hashGet("accounts", "ann"), 10);
}

TEST_P(TransactionTest, MayBeMoved) {
  Transaction tx = storage().begin({"accounts"});
  tx.hashPut("accounts", "ann", 1);
  Transaction other = std::move(tx);
  other.hashPut("accounts", "bob", 2);
  tx = storage().begin({"audit"});
  tx.hashPut("audit", "1", 1);
  tx = std::move(other);  // what it was before is rolled back
  tx.commit();
  EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 1}, {"bob", 2}}));
  EXPECT_FALSE(storage().has("audit"));
}

TEST_P(TransactionTest, StaysOpenAfterAFailedCall) {
  Transaction tx = storage().begin({"accounts", "audit"});
  tx.hashPut("accounts", "ann", 1);
  EXPECT_EQ(failureOf([&] { tx.hashDelete("accounts", "nobody"); }), Code::NoSuchKey);
  EXPECT_EQ(failureOf([&] {
              tx.hashUpdateMulti("accounts", {{"ann", 1}, {"nobody", 2}});
            }),
            Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { tx.put("accounts", 1); }), Code::Conflict);
  EXPECT_EQ(failureOf([&] { tx.hashRename("audit", "accounts"); }), Code::NoSuchKey);
  tx.commit();
  EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 1}, {"bob", 20}}));
}

TEST_P(TransactionTest, KnowsConflictsWithWhatItMade) {
  Transaction tx = storage().begin({"accounts", "a", "a/data/b", "r"});
  tx.hashPut("a", "k", 1);
  EXPECT_EQ(failureOf([&] { tx.put("a/data/b", 1); }), Code::Conflict);
  EXPECT_EQ(failureOf([&] { tx.put("a", 1); }), Code::Conflict);
  tx.put("r", 1);
  EXPECT_EQ(failureOf([&] { tx.hashPut("r", "k", 1); }), Code::Conflict);
  tx.hashDeleteAll("a", true);
  tx.put("a/data/b", 2);
  EXPECT_EQ(failureOf([&] { tx.hashCreate("a"); }), Code::Conflict);
  tx.commit();
  holds([&] {
    EXPECT_EQ(storage().list(), (std::vector<std::string>{"a/data/b", "accounts", "r"}));
  });
}

TEST_P(TransactionTest, HasTheWholeApi) {
  storage().hashPut("temp", "k", 1);
  storage().put("note", {{"n", 1}});
  Transaction tx =
      storage().begin({"accounts", "copy", "moved", "temp", "made", "note", "note2", "gone"});
  EXPECT_EQ(tx.hashCreate("made", {{"page_size", 7}, {"owner", "hr"}}).pageSize, 7u);
  tx.hashPutText("made", "t", "1.50");
  tx.hashPutMulti("made", {{"a", {{"x", 1}}}, {"b", {{"x", 2}}}, {"c", 3}});
  tx.hashUpdate("made", "a", {{"y.z", 5}});
  tx.hashMerge("made", "b", {{"x", nullptr}});
  EXPECT_EQ(tx.hashDeleteMulti("made", {"c", "nobody"}), 1u);
  tx.hashCopy("accounts", "copy");
  tx.hashPut("copy", "ann", 0);
  tx.hashRename("temp", "moved");
  tx.hashSetPageSize("moved", 3);
  tx.hashPut("gone", "k", 1);
  tx.hashDelete("gone", "k", true);
  tx.copy("note", "note2");
  tx.rename("note", "gone");
  EXPECT_FALSE(tx.erase("note"));
  EXPECT_EQ(tx.hashGetText("made", "t"), "1.50");
  EXPECT_EQ(itemsOf(tx, "copy"), (Documents{{"ann", 0}, {"bob", 20}}));
  tx.commit();
  holds([&] {
    EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 10}, {"bob", 20}}));
    EXPECT_EQ(itemsOf(storage(), "copy"), (Documents{{"ann", 0}, {"bob", 20}}));
    EXPECT_EQ(itemsOf(storage(), "moved"), (Documents{{"k", 1}}));
    EXPECT_EQ(storage().hashGetInfo("moved").pageSize, 3u);
    EXPECT_EQ(storage().hashGetInfo("made").options["owner"], "hr");
    EXPECT_EQ(storage().hashGetText("made", "t"), "1.50");
    EXPECT_EQ(storage().hashGetInfo("made").length, 3u);
    EXPECT_EQ(storage().hashGet("made", "a"), (Json{{"x", 1}, {"y", {{"z", 5}}}}));
    EXPECT_EQ(storage().hashGet("made", "b"), Json::object());
    EXPECT_EQ(storage().get("note2"), (Json{{"n", 1}}));
    EXPECT_EQ(storage().get("gone"), (Json{{"n", 1}}));
    EXPECT_EQ(storage().list(),
              (std::vector<std::string>{"accounts", "copy", "gone", "made", "moved", "note2"}));
  });
}

TEST_P(TransactionTest, SwapsHashesByRenames) {
  storage().hashPut("other", "x", 1);
  storage().transaction({"accounts", "other", "third"}, [](Transaction& tx) {
    tx.hashPut("other", "y", 2);
    tx.hashRename("accounts", "third");
    tx.hashRename("other", "accounts");
    tx.hashRename("third", "other");
    tx.hashPut("other", "eve", 30);
    tx.hashPut("accounts", "z", 3);
  });
  holds([&] {
    EXPECT_EQ(itemsOf(storage(), "other"), (Documents{{"ann", 10}, {"bob", 20}, {"eve", 30}}));
    EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"x", 1}, {"y", 2}, {"z", 3}}));
    EXPECT_FALSE(storage().has("third"));
  });
}

// --- iteration ---

TEST_P(TransactionTest, LoopsMayWriteToTheirHash) {
  Json records = Json::object();
  for (int n = 0; n < 60; ++n) records["old" + std::to_string(n)] = n;
  storage().hashPutMulti("h", records, {.create = {{"page_size", 4}}});
  Transaction tx = storage().begin({"h"});
  for (int n = 0; n < 30; ++n) tx.hashPut("h", "new" + std::to_string(n), n);
  std::map<std::string, int> seen;
  int round = 0;
  for (const auto& [key, value] : tx.hashItems("h")) {
    ++seen[key];
    tx.hashPut("h", key, "changed");
    tx.hashPut("h", "added" + std::to_string(round++), 1);
    if (round % 20 == 0) tx.hashSetPageSize("h", 1 + static_cast<std::size_t>(round) % 9);
  }
  for (const auto& [key, times] : seen) EXPECT_EQ(times, 1) << key;
  for (int n = 0; n < 60; ++n) EXPECT_TRUE(seen.contains("old" + std::to_string(n))) << n;
  for (int n = 0; n < 30; ++n) EXPECT_TRUE(seen.contains("new" + std::to_string(n))) << n;
  tx.commit();
  EXPECT_EQ(storage().hashGet("h", "old7"), "changed");
}

TEST_P(TransactionTest, LoopsEndWhenTheirHashIsGone) {
  Transaction tx = storage().begin({"accounts"});
  int visits = 0;
  tx.hashEach("accounts", [&](const std::string&, const Json&) {
    if (++visits == 1) tx.hashDeleteAll("accounts", true);
  });
  EXPECT_LE(visits, 2);
  EXPECT_FALSE(tx.has("accounts"));
}

TEST_P(TransactionTest, ListsManyPathsInOrder) {
  std::vector<std::string> names;
  for (int n = 0; n < 30; ++n) {
    names.push_back("r" + std::to_string(n));
    if (n % 2) storage().put(names.back(), n);
  }
  Transaction tx = storage().begin(names);
  for (int n = 0; n < 30; ++n) {
    if (n % 4 == 0) tx.put(names[static_cast<std::size_t>(n)], n);
    if (n % 4 == 1) tx.erase(names[static_cast<std::size_t>(n)]);
  }
  std::vector<std::string> expected;
  for (int n = 0; n < 30; ++n)
    if (n % 4 == 0 || n % 4 == 3) expected.push_back("r" + std::to_string(n));
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(tx.list("r"), expected);
  EXPECT_EQ(tx.list("accounts"), std::vector<std::string>{"accounts"});
  tx.commit();
  EXPECT_EQ(storage().list("r"), expected);
}

// --- large ones ---

TEST_P(TransactionTest, LeavesNoFilesOfCopiesBehind) {
  Json records = Json::object();
  for (int n = 0; n < 200; ++n) records["key" + std::to_string(n)] = n;
  storage().hashPutMulti("h", records, {.create = {{"page_size", 10}}});
  storage().sync();
  const auto files = dataFiles();
  {
    Transaction tx = storage().begin({"h", "copy", "copy2"});
    tx.hashCopy("h", "copy");
    tx.hashCopy("h", "copy");
    tx.hashCopy("copy", "copy2");
    tx.hashSetPageSize("h", 3);
    tx.hashDeleteAll("copy2", true);
  }
  EXPECT_EQ(dataFiles(), files);
  EXPECT_EQ(storage().list(), (std::vector<std::string>{"accounts", "h"}));
  storage().transaction({"h", "copy"}, [](Transaction& tx) {
    tx.hashCopy("h", "copy");
    tx.hashDeleteAll("copy", true);
  });
  EXPECT_EQ(dataFiles(), files);
}

TEST_P(TransactionTest, AnItemWrittenOftenIsOneChange) {
  TestStore small(GetParam(), {{"max_batch_bytes", 4096}});
  Transaction tx = small->begin({"h", "r"});
  for (int n = 0; n < 500; ++n) {
    tx.hashPut("h", "counter", n);
    tx.put("r", n);
  }
  tx.commit();
  EXPECT_EQ(small->hashGet("h", "counter"), 499);
  EXPECT_EQ(small->get("r"), 499);
}

TEST_P(TransactionTest, RefusesToGrowBeyondTheLimit) {
  TestStore small(GetParam(), {{"max_batch_bytes", 4096}});
  Transaction tx = small->begin({"h"});
  tx.hashPut("h", "a", std::string(1000, 'x'));
  tx.hashPut("h", "b", std::string(1000, 'x'));
  const auto tooMuch = [&] { tx.hashPut("h", "c", std::string(3000, 'x')); };
  EXPECT_EQ(failureOf(tooMuch), Code::InvalidArgument);
  EXPECT_NE(messageOf(tooMuch).find("h: what is to happen together takes"), std::string::npos);
  tx.commit();
  EXPECT_EQ(small->hashGetInfo("h").length, 2u);
}

TEST_P(TransactionTest, LargeBatchesAreRefusedOutsideToo) {
  TestStore small(GetParam(), {{"max_batch_bytes", 4096}});
  Json records = Json::object();
  for (int n = 0; n < 100; ++n) records["key" + std::to_string(n)] = n;
  EXPECT_NE(messageOf([&] { small->hashPutMulti("h", records); }).find("max_batch_bytes"),
            std::string::npos);
  EXPECT_FALSE(small->has("h"));
  for (const auto& [key, value] : records.items()) small->hashPut("h", key, value);
  small->transaction({"h", "copy"}, [](Transaction& tx) { tx.hashCopy("h", "copy"); });
  EXPECT_EQ(small->hashGetInfo("copy").length, 100u);
}

// --- others meanwhile ---

TEST_P(TransactionTest, KeepsWritersOutAndReadersNot) {
  TestStore store(GetParam(), {{"lock_timeout", 10}});
  store->hashPut("h", "k", 1);
  Transaction tx = store->begin({"h", "r"});
  tx.hashPut("h", "k", 2);
  EXPECT_EQ(failureOf([&] { store->hashPut("h", "k", 3); }), Code::LockTimeout);
  EXPECT_EQ(failureOf([&] { store->put("r", 1); }), Code::LockTimeout);
  EXPECT_NE(messageOf([&] { store->begin({"a", "h"}); }).find("h is held"), std::string::npos);
  store->hashPut("a", "k", 1);
  EXPECT_EQ(store->hashGet("h", "k"), 1);
  tx.rollback();
  store->hashPut("h", "k", 3);
  EXPECT_EQ(store->hashGet("h", "k"), 3);
}

// With the default timeout these would take half a minute each.
TEST_P(TransactionTest, WorkThatWritesPastItsTransactionIsToldSo) {
  storage().transaction({"accounts"}, [&](Transaction& tx) {
    EXPECT_EQ(failureOf([&] { storage().hashPut("Accounts", "ann", 1); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { storage().hashCopy("accounts", "x"); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { storage().begin({"accounts"}); }), Code::InvalidArgument);
    EXPECT_EQ(storage().hashGet("accounts", "ann"), 10);  // reading is no harm
    storage().hashPut("other", "k", 1);
    tx.hashPut("accounts", "ann", 5);
    tx.commit();
    storage().hashPut("accounts", "bob", 6);
  });
  storage().transaction([&](Transaction& tx) {
    storage().hashPut("accounts", "eve", 7);
    tx.hashGet("accounts", "eve");
    EXPECT_EQ(failureOf([&] { storage().hashDelete("accounts", "eve"); }), Code::InvalidArgument);
  });
  storage().hashEdit("accounts", "ann", [&](auto& ann) {
    EXPECT_EQ(failureOf([&] { storage().hashPut("accounts", "x", 1); }), Code::InvalidArgument);
    return ann;
  });
  EXPECT_EQ(itemsOf(storage(), "accounts"), (Documents{{"ann", 5}, {"bob", 6}, {"eve", 7}}));
}

TEST_P(TransactionTest, MayWaitForAShorterTime) {
  const Transaction other = storage().begin({"accounts"});
  EXPECT_EQ(failureOf([&] { storage().begin({"accounts"}, Millis{0}); }), Code::LockTimeout);
  EXPECT_TRUE(storage().begin({"other"}, Millis{0}).isOpen());
}

// A position is told as text, and a cursor goes on from it, as long as the transaction lasts.
TEST_P(TransactionTest, CursorsGoOnFromAPosition) {
  Json records = Json::object();
  for (int n = 0; n < 40; ++n) records["old" + std::to_string(n)] = n;
  storage().hashPutMulti("h", records, {.create = {{"page_size", 4}}});
  Transaction tx = storage().begin({"h"});
  for (int n = 0; n < 40; ++n) tx.hashPut("h", "new" + std::to_string(n), n);
  std::set<std::string> seen;
  std::string position;
  for (bool isOver = false; !isOver;) {
    HashCursor cursor = tx.hashCursor("h", position);
    for (int n = 0; n < 7; ++n) {
      isOver = !cursor.next();
      if (isOver) break;
      EXPECT_TRUE(seen.insert(cursor.key()).second) << cursor.key();
    }
    position = cursor.position();
  }
  EXPECT_EQ(seen.size(), 80u);
}

TEST_P(TransactionTest, WithoutNamesLocksWhatItUses) {
  TestStore store(GetParam(), {{"lock_timeout", 10}});
  store->hashPutMulti("h", {{"k", 1}});
  Transaction tx = store->begin();
  store->hashPut("h", "k", 2);
  EXPECT_EQ(tx.hashGet("h", "k"), 2);  // from now on it is the transaction's
  EXPECT_EQ(failureOf([&] { store->hashPut("h", "k", 3); }), Code::LockTimeout);
  tx.hashPut("new", "k", 1);
  EXPECT_EQ(failureOf([&] { store->hashPut("new", "k", 3); }), Code::LockTimeout);
  tx.commit();
  EXPECT_EQ(store->hashGet("new", "k"), 1);
}

TEST_P(TransactionTest, WithoutNamesALockTimeoutEndsIt) {
  TestStore store(GetParam(), {{"lock_timeout", 10}});
  Transaction other = store->begin({"b"});
  Transaction tx = store->begin();
  tx.hashPut("a", "k", 1);
  EXPECT_EQ(failureOf([&] { tx.hashPut("b", "k", 1); }), Code::LockTimeout);
  EXPECT_FALSE(tx.isOpen());
  EXPECT_EQ(messageOf([&] { tx.commit(); }),
            "this transaction was rolled back when a lock could not be had");
  store->hashPut("a", "k", 2);  // its locks are free
  // Who swallows the error must not take the transaction for done.
  EXPECT_EQ(failureOf([&] {
              store->transaction([](Transaction& inner) {
                inner.hashPut("c", "k", 1);
                failureOf([&] { inner.hashPut("b", "k", 1); });
              });
            }),
            Code::InvalidArgument);
  EXPECT_FALSE(store->has("c"));
}

TEST_P(TransactionTest, KeepsTheStoreOpenUntilItsEnd) {
  TestStore store(GetParam());
  store->hashPut("h", "k", 1);
  Transaction tx = store->begin({"h"});
  tx.hashPut("h", "k", 2);
  store.close();
  EXPECT_EQ(tx.hashGet("h", "k"), 2);
  tx.commit();
  store.open();
  EXPECT_EQ(store->hashFind("h", "k"), GetParam().durable ? std::optional<Json>(2) : std::nullopt);
}

}  // namespace
}  // namespace hexpage::testing
