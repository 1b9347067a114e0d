// The calls that a backend may answer with less ado than by get(), scan() and apply(): getOne(),
// each() and edit().
#pragma once

#include <functional>
#include <hexpage/testing/contract/fixture.hpp>

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

}  // namespace hexpage::testing
