// The calls that a backend may answer with less ado than by get(), scan() and apply(): getOne(),
// each(), edit() and editAtOnce().
#pragma once

#include <functional>
#include <hexpage/testing/contract/fixture.hpp>
#include <optional>
#include <string>
#include <thread>

namespace hexpage::testing {

inline void nothing() {}

TEST_P(Contract, GetOneIsGetOfOneKey) {
  makeHash("users");
  apply(Batch{}.add(Put{"users", "ann", "1", 5000}).add(Put{"users", "bob", "2"}));
  holds([&] {
    EXPECT_EQ(backend().getOne("users", "ann"), (Value{"1", 5000}));
    EXPECT_EQ(backend().getOne("users", "bob"), (Value{"2", 0}));
    EXPECT_EQ(backend().getOne("users", "eve"), std::nullopt);
    EXPECT_EQ(backend().getOne("nobody", "ann"), std::nullopt);
  });
}

TEST_P(Contract, EachShowsWhatAScanTells) {
  const Items many = manyItems(kManyItems * 4);
  makeHash("users", many);
  applyOne(Put{"users", "key1", "\"expires\"", 5000});
  Items expected = many;
  expected["key1"] = "\"expires\"";
  holds([&] {
    Items seen;
    std::string cursor;
    do {
      cursor = backend().each("users", cursor, [&](const ItemSeen& item) {
        EXPECT_TRUE(seen.emplace(item.key, item.text).second) << "shown twice: " << item.key;
        EXPECT_EQ(item.expires, item.key == "key1" ? 5000 : 0);
      });
    } while (!cursor.empty());
    EXPECT_EQ(seen, expected);
    const auto see = [](const ItemSeen& item) { ADD_FAILURE() << item.key; };
    EXPECT_EQ(backend().each("nobody", "", see), "");
  });
}

TEST_P(Contract, EditStoresWhatIsDecided) {
  applyOne(Create{"users", R"({"mine":7,"page_size":5})"});
  const auto decide = [](const ItemBefore& find, const Json& options) {
    EXPECT_EQ(options.at("mine"), 7);
    const auto before = find();
    if (!before) return ItemAfter{"1", 5000};
    EXPECT_EQ(before->key, "ann");
    EXPECT_EQ(before->text, "1");
    EXPECT_EQ(before->expires, 5000);
    return ItemAfter{"\"a longer text than before\"", 0};
  };
  int visible = 0;
  EXPECT_TRUE(backend().edit("users", "ann", decide, [&] { ++visible; }));
  EXPECT_EQ(getValue("users", "ann"), (Value{"1", 5000}));
  EXPECT_TRUE(backend().edit("users", "ann", decide, [&] { ++visible; }));
  EXPECT_EQ(visible, 2);
  holds([&] {
    EXPECT_EQ(getValue("users", "ann"), (Value{"\"a longer text than before\"", 0}));
    EXPECT_EQ(length("users"), 1);
    EXPECT_TRUE(backend().expired("users", 6000, "").items.empty());
  });
}

TEST_P(Contract, EditOfNoHashDecidesNothing) {
  const auto decide = [](const ItemBefore&, const Json&) -> ItemAfter {
    ADD_FAILURE() << "there is nothing to decide on";
    return {"1", 0};
  };
  EXPECT_FALSE(backend().edit("users", "ann", decide, nothing));
  holds([&] { EXPECT_TRUE(paths().empty()); });
}

TEST_P(Contract, EditThatThrowsChangesNothing) {
  makeHash("users", {{"ann", "1"}});
  const auto refuse = [](const ItemBefore&, const Json&) -> ItemAfter {
    throw Error(Code::InvalidArgument, "refused");
  };
  for (const char* key : {"ann", "new"})
    EXPECT_THROW(backend().edit("users", key, refuse, nothing), Error);
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"ann", "1"}}));
    EXPECT_EQ(length("users"), 1);
  });
}

TEST_P(Contract, ManyEditsAddUp) {
  const Items many = manyItems(kManyItems * 4);
  makeHash("users");
  for (const auto& [key, text] : many)
    backend().edit(
        "users", key,
        [&](const auto&, const Json&) {
          return ItemAfter{text, 0};
        },
        nothing);
  holds([&] {
    EXPECT_EQ(items("users"), many);
    EXPECT_EQ(length("users"), static_cast<std::int64_t>(many.size()));
  });
}

// --- the short way; a backend may have none, and then does nothing ---

TEST_P(Contract, AnEditAtOnceReplacesTheTextOrDoesNothing) {
  makeHash("users", {{"ann", "1"}});
  applyOne(Put{"users", "bob", "2", 5000});
  const auto decide = [](const ItemSeen& item, const Json& options) {
    EXPECT_TRUE(options.is_object());
    return std::optional<std::string_view>(item.key == "ann" ? "\"longer\"" : "3");
  };
  const bool isDone = backend().editAtOnce("users", "ann", decide);
  EXPECT_EQ(backend().editAtOnce("users", "bob", decide), isDone);
  holds([&] {
    EXPECT_EQ(getValue("users", "ann"), (Value{isDone ? "\"longer\"" : "1", 0}));
    EXPECT_EQ(getValue("users", "bob"), (Value{isDone ? "3" : "2", 5000}));
    EXPECT_EQ(length("users"), 2);
  });
}

TEST_P(Contract, AnEditAtOnceMakesNothing) {
  makeHash("users", {{"ann", "1"}});
  const auto decide = [](const ItemSeen&, const Json&) {
    return std::optional<std::string_view>("2");
  };
  EXPECT_FALSE(backend().editAtOnce("users", "bob", decide));
  EXPECT_FALSE(backend().editAtOnce("mails", "bob", decide));
  const auto nothingToDo = [](const ItemSeen&, const Json&) {
    return std::optional<std::string_view>();
  };
  EXPECT_FALSE(backend().editAtOnce("users", "ann", nothingToDo));
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"ann", "1"}}));
    EXPECT_EQ(paths().size(), 1u);
  });
}

TEST_P(Contract, AnEditAtOnceThatThrowsChangesNothing) {
  makeHash("users", {{"ann", "1"}});
  const auto refuse = [](const ItemSeen&, const Json&) -> std::optional<std::string_view> {
    throw Error(Code::InvalidArgument, "refused");
  };
  try {
    EXPECT_FALSE(backend().editAtOnce("users", "ann", refuse));
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "refused");
  }
  holds([&] { EXPECT_EQ(items("users"), (Items{{"ann", "1"}})); });
}

TEST_P(Contract, AnEditAtOncePassesByNobodysLock) {
  makeHash("users", {{"ann", "1"}});
  const auto decide = [](const ItemSeen&, const Json&) -> std::optional<std::string_view> {
    ADD_FAILURE() << "it is locked";
    return "2";
  };
  {
    const Hold hash =
        backend().locks().acquire(LockSpace::Writer, "users", LockMode::Exclusive, Millis(100));
    EXPECT_FALSE(backend().editAtOnce("users", "ann", decide));
  }
  {
    const Hold hash =
        backend().locks().acquire(LockSpace::Writer, "users", LockMode::Shared, Millis(100));
    EXPECT_FALSE(backend().editAtOnce("users", "ann", decide));
  }
  {
    const Hold item = backend().locks().acquireItem("users", "ann", Millis(100));
    EXPECT_FALSE(backend().editAtOnce("users", "ann", decide));
  }
}

// Reads and writes under the item's lock in one thread, at once in the other.
TEST_P(Contract, EditsAtOnceAndUnderALockAddUp) {
  constexpr int kTimes = 2000;
  makeHash("users", {{"ann", "0"}});
  const auto next = [](std::string_view text) {
    return std::to_string(std::stoi(std::string(text)) + 1);
  };
  int atOnce = 0;
  std::thread other([&] {
    for (int i = 0; i < kTimes; ++i) {
      std::string text;
      const auto decide = [&](const ItemSeen& item, const Json&) {
        text = next(item.text);
        return std::optional<std::string_view>(text);
      };
      atOnce += backend().editAtOnce("users", "ann", decide) ? 1 : 0;
    }
  });
  for (int i = 0; i < kTimes; ++i) {
    const Hold item = backend().locks().acquireItem("users", "ann", Millis(10'000));
    applyOne(Put{"users", "ann", next(getValue("users", "ann")->text), 0});
  }
  other.join();
  EXPECT_EQ(getValue("users", "ann"), (Value{std::to_string(kTimes + atOnce), 0}));
}

}  // namespace hexpage::testing
