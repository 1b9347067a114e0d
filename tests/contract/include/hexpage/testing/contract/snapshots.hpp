// snapshot(): everything of one moment.
#pragma once

#include <hexpage/json_text.hpp>
#include <hexpage/testing/contract/fixture.hpp>
#include <map>
#include <set>

namespace hexpage::testing {

// Applies a batch as everybody must, under the writers' locks; not at all while somebody else has
// one of them.
inline void applyIfUnlocked(Backend& backend, std::vector<std::string_view> paths,
                            const Batch& batch) {
  try {
    const auto held = backend.locks().acquireAll(paths, LockMode::Exclusive, Millis(0));
    backend.apply(batch);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::LockTimeout);
  }
}

inline Items itemsIn(View& view, std::string_view path) {
  Items items;
  Chunk chunk;
  do {
    chunk = view.scan(path, chunk.next);
    for (const Item& item : chunk.items)
      EXPECT_TRUE(items.emplace(item.key, minified(item.text)).second) << item.key;
  } while (!chunk.next.empty());
  return items;
}

TEST_P(Contract, ASnapshotHasEverything) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  makeHash("empty");
  applyOne(PutRecord{"state", "[1]"});
  const auto view = backend().snapshot();
  EXPECT_EQ(itemsIn(*view, "users"), many);
  EXPECT_EQ(view->info("users")->length, kManyItems);
  EXPECT_EQ(view->info("users")->options, backend().info("users")->options);
  EXPECT_EQ(view->info("empty")->length, 0u);
  EXPECT_EQ(minified(view->record("state").value_or("")), "[1]");
  EXPECT_EQ(view->record("users"), backend().record("users"));
  const std::string_view key = many.begin()->first;
  EXPECT_EQ(minified(view->get("users", {&key, 1}).front().value_or(Value{}).text),
            many.begin()->second);
  EXPECT_EQ(view->paths("", "").entries, backend().paths("", "").entries);
  EXPECT_EQ(view->paths("us", "").entries.size(), 1u);
}

TEST_P(Contract, ASnapshotTellsWhenItemsExpire) {
  makeHash("users");
  applyOne(Put{"users", "a", "1", 4'000'000'000'000});
  const auto view = backend().snapshot();
  const Chunk chunk = view->scan("users", "");
  ASSERT_EQ(chunk.items.size(), 1u);
  EXPECT_EQ(chunk.items.front().expires, 4'000'000'000'000);
}

TEST_P(Contract, ASnapshotStaysAsItWas) {
  const Items many = manyItems(kManyItems);
  makeHash("users", many);
  makeHash("gone", {{"a", "1"}});
  applyOne(PutRecord{"state", "1"});
  const auto view = backend().snapshot();

  Batch batch;
  for (const auto& [key, text] : many) batch.add(Put{"users", key, "\"changed\""});
  batch.add(Put{"users", "new", "1"});
  applyIfUnlocked(backend(), {"users"}, batch);
  applyIfUnlocked(backend(), {"users"}, Batch().add(Remove{"users", many.begin()->first}));
  applyIfUnlocked(backend(), {"gone", "moved"}, Batch().add(Rename{"gone", "moved"}));
  applyIfUnlocked(backend(), {"state"}, Batch().add(PutRecord{"state", "2"}));
  applyIfUnlocked(backend(), {"new"}, Batch().add(Create{"new", "{}"}).add(Put{"new", "a", "1"}));
  backend().sync();

  EXPECT_EQ(itemsIn(*view, "users"), many);
  EXPECT_EQ(view->info("users")->length, kManyItems);
  EXPECT_EQ(itemsIn(*view, "gone"), (Items{{"a", "1"}}));
  EXPECT_EQ(view->record("state"), "1");
  EXPECT_FALSE(view->info("new"));
  EXPECT_TRUE(view->scan("new", "").items.empty());
  EXPECT_EQ(view->paths("", "").entries.size(), 3u);
}

TEST_P(Contract, WritingGoesOnAfterASnapshot) {
  makeHash("users", {{"a", "1"}});
  backend().snapshot();
  {
    const auto held =
        backend().locks().acquire(LockSpace::Writer, "users", LockMode::Exclusive, Millis(0));
    applyOne(Put{"users", "a", "2"});
  }
  holds([&] { EXPECT_EQ(items("users"), (Items{{"a", "2"}})); });
}

TEST_P(Contract, SnapshotsOfSeveralMoments) {
  makeHash("users", {{"a", "1"}});
  const auto first = backend().snapshot();
  applyIfUnlocked(backend(), {"users"}, Batch().add(Put{"users", "a", "2"}));
  const std::string now = items("users").at("a");
  const auto second = backend().snapshot();
  EXPECT_EQ(itemsIn(*first, "users"), (Items{{"a", "1"}}));
  EXPECT_EQ(itemsIn(*second, "users"), (Items{{"a", now}}));
}

TEST_P(Contract, WhatChangedIsAmongTheChangedKeys) {
  for (const char* path : {"put", "removed", "cleared", "made again", "replaced", "same"})
    makeHash(path, manyItems(50));
  makeHash("other", {{"key1", "2"}});
  std::map<std::string, Items> before;
  for (const char* path : {"put", "removed", "cleared", "made again", "replaced", "same"})
    before[path] = items(path);
  const std::string then = backend().snapshot()->moment();
  applyOne(Put{"put", "key1", "2"});
  applyOne(Remove{"removed", "key1"});
  applyOne(Clear{"cleared"});
  applyOne(Drop{"made again"});
  makeHash("made again", manyItems(49));
  applyOne(Rename{"other", "replaced"});
  holds([&] {
    const auto view = backend().snapshot();
    for (const auto& [path, itemsThen] : before) {
      const auto keys = view->changedKeys(path, then);
      if (!keys) continue;
      EXPECT_FALSE(then.empty());
      const std::set<std::string> changed(keys->begin(), keys->end());
      for (const auto& [key, text] : itemsThen) {
        if (changed.contains(key)) continue;
        const Items now = itemsIn(*view, path);
        EXPECT_TRUE(now.contains(key) && now.at(key) == text) << path << ": " << key;
      }
    }
    EXPECT_FALSE(view->changedKeys("no", then));
    EXPECT_FALSE(view->changedKeys("same", "another store's moment"));
  });
}

}  // namespace hexpage::testing
