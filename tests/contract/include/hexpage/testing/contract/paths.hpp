// paths(): every hash and plain record once, in the order of their segments; no page, nothing
// hidden.
#pragma once

#include <algorithm>
#include <hexpage/testing/contract/fixture.hpp>

namespace hexpage::testing {

inline std::vector<std::string> segments(const std::string& path) {
  std::vector<std::string> parts{""};
  for (const char c : path) {
    if (c == '/')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

TEST_P(Contract, PathsTellHashesAndRecords) {
  makeHash("users", manyItems(kManyItems));
  apply(Batch{}.add(PutRecord{"state", "1"}).add(PutRecord{"users/notes", "2"}));
  holds([&] {
    const PathChunk chunk = backend().paths("", "");
    ASSERT_EQ(chunk.entries.size(), 3u);
    EXPECT_EQ(chunk.entries[0].path, "state");
    EXPECT_FALSE(chunk.entries[0].isHash);
    EXPECT_EQ(chunk.entries[1].path, "users");
    EXPECT_TRUE(chunk.entries[1].isHash);
    EXPECT_EQ(chunk.entries[2].path, "users/notes");
    EXPECT_FALSE(chunk.entries[2].isHash);
    EXPECT_EQ(chunk.next, "");
  });
}

TEST_P(Contract, ThePrefixIsText) {
  for (const std::string path : {"us", "users", "users/a", "users/b", "users2", "other", "o/users"})
    applyOne(PutRecord{path, "1"});
  holds([&] {
    using Paths = std::vector<std::string>;
    EXPECT_EQ(paths("us"), (Paths{"us", "users", "users/a", "users/b", "users2"}));
    EXPECT_EQ(paths("users"), (Paths{"users", "users/a", "users/b", "users2"}));
    EXPECT_EQ(paths("users/"), (Paths{"users/a", "users/b"}));
    EXPECT_EQ(paths("users/b"), Paths{"users/b"});
    EXPECT_EQ(paths("users/bc"), Paths{});
    EXPECT_EQ(paths("zzz"), Paths{});
  });
}

// '-' and '.' sort before '/', so the order of segments is not that of the bytes.
TEST_P(Contract, PathsComeInTheOrderOfTheirSegments) {
  std::vector<std::string> all{"a", "a-b", "a/b", "a/c", "a.b/c", "a0", "a_b", "b", "a/b/c", "A"};
  for (const std::string& path : all) applyOne(PutRecord{path, "1"});
  std::sort(all.begin(), all.end(), [](const std::string& one, const std::string& other) {
    return segments(one) < segments(other);
  });
  holds([&] { EXPECT_EQ(paths(), all); });
}

TEST_P(Contract, ManyPathsCanBeResumed) {
  std::vector<std::string> all;
  Batch batch;
  for (std::size_t n = 0; n < 300; ++n) {
    all.push_back(numbered("d", n % 7) + "/" + numbered("r", n));
    batch.add(PutRecord{all.back(), "1"});
  }
  apply(batch);
  std::sort(all.begin(), all.end());
  std::vector<std::string> told;
  std::string cursor;
  do {
    const PathChunk chunk = backend().paths("d", cursor);
    for (const PathEntry& entry : chunk.entries) told.push_back(entry.path);
    cursor = chunk.next;
    if (durable()) reopen();
  } while (!cursor.empty() && told.size() <= all.size());
  EXPECT_EQ(told, all);
}

TEST_P(Contract, PathsForgetWhatIsGone) {
  makeHash("users", {{"a", "1"}});
  makeHash("people", {{"b", "2"}});
  applyOne(PutRecord{"state", "1"});
  apply(Batch{}.add(Drop{"users"}).add(Rename{"people", "folk"}).add(EraseRecord{"state"}));
  holds([&] { EXPECT_EQ(paths(), std::vector<std::string>{"folk"}); });
}

TEST_P(Contract, AHiddenHashWorksAndIsNotTold) {
  makeHash(".work/1", manyItems(kManyItems));
  applyOne(PutRecord{".work/2", "1"});
  EXPECT_EQ(items(".work/1"), manyItems(kManyItems));
  EXPECT_EQ(backend().record(".work/2"), "1");
  EXPECT_TRUE(paths().empty());
  EXPECT_TRUE(paths(".").empty());
  EXPECT_TRUE(paths(".work").empty());
}

TEST_P(Contract, AHiddenHashIsGoneWhenTheStoreIsOpenedAgain) {
  makeHash(".work/1", manyItems(kManyItems));
  makeHash("users", {{"a", "1"}});
  if (!durable()) return;
  reopen();
  EXPECT_EQ(length(".work/1"), -1);
  EXPECT_TRUE(items(".work/1").empty());
  EXPECT_EQ(items("users"), (Items{{"a", "1"}}));
}

TEST_P(Contract, AHiddenHashTakesTheNameOfAnother) {
  makeHash("users", manyItems(30));
  makeHash(".work/1", {{"new", "1"}});
  applyOne(Rename{".work/1", "users"});
  holds([&] {
    EXPECT_EQ(items("users"), (Items{{"new", "1"}}));
    EXPECT_EQ(length(".work/1"), -1);
    EXPECT_EQ(paths(), std::vector<std::string>{"users"});
  });
}

TEST_P(Contract, AdoptOfNothingIsNoSuchKey) {
  try {
    backend().adopt("users");
    FAIL() << "adopted what is not there";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::NoSuchKey);
  }
}

TEST_P(Contract, AdoptOfWhatIsKnownChangesNothing) {
  makeHash("users", {{"a", "1"}});
  backend().adopt("users");
  holds([&] {
    EXPECT_EQ(paths(), std::vector<std::string>{"users"});
    EXPECT_EQ(items("users"), (Items{{"a", "1"}}));
  });
}

}  // namespace hexpage::testing
