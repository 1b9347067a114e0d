// A batch with the renames of its large hashes set apart comes to what it came to.
#include "paged/large_renames.hpp"

#include <gtest/gtest.h>

#include <set>

#include "memory/memory_backend.hpp"
#include "tests/support/random.hpp"

namespace hexpage {
namespace {

Batch renames(std::initializer_list<Rename> all) {
  Batch batch;
  for (const Rename& rename : all) batch.add(rename);
  return batch;
}

TEST(LargeRenames, StandAloneWhereNothingElseConcernsTheHash) {
  Batch batch = renames({{"a", "b"}});
  EXPECT_TRUE(standsAlone(batch, 0));
  EXPECT_TRUE(standsAlone(batch.add(Put{"c", "k", "1"}), 0));
  EXPECT_FALSE(standsAlone(Batch(batch).add(Put{"b", "k", "1"}), 0));
  EXPECT_FALSE(standsAlone(Batch(batch).add(Create{"a", "{}"}), 0));
  EXPECT_FALSE(standsAlone(Batch(batch).add(PutRecord{"a/data/3", "1"}), 0));
  EXPECT_FALSE(standsAlone(Batch().add(Put{"b", "k", "1"}).add(Rename{"a", "b"}), 1));
  EXPECT_TRUE(standsAlone(Batch().add(Drop{"b"}).add(Rename{"a", "b"}), 1));
  EXPECT_FALSE(standsAlone(renames({{"a", "a"}}), 0));
}

TEST(LargeRenames, StandAloneAfterTheOneThatMakesRoom) {
  const Batch batch = renames({{"live", "old"}, {"new", "live"}});
  EXPECT_FALSE(standsAlone(batch, 0));
  EXPECT_TRUE(standsAlone(batch, 1));
}

class LargeRenamesModel : public ::testing::Test {
 protected:
  using Contents = std::map<std::string, std::map<std::string, std::string>>;

  Contents contents(Backend& backend) const {
    Contents all;
    for (const PathEntry& entry : backend.paths("", "").entries) {
      auto& items = all[entry.path];
      std::string cursor;
      do {
        const Chunk chunk = backend.scan(entry.path, cursor);
        for (const Item& item : chunk.items) items[item.key] = item.text;
        cursor = chunk.next;
      } while (!cursor.empty());
      if (const auto info = backend.info(entry.path)) {
        EXPECT_EQ(info->length, items.size()) << entry.path;
      }
    }
    return all;
  }

  std::string somePath() { return std::string(1, static_cast<char>('a' + random_.below(4))); }

  Change someChange() {
    const std::string path = somePath(), key = std::to_string(random_.below(4));
    switch (random_.below(10)) {
      case 0:
      case 1:
        return Create{path, "{}"};
      case 2:
      case 3:
        return Put{path, key, std::to_string(random_.below(100))};
      case 4:
        return Remove{path, key};
      case 5:
        return Clear{path};
      case 6:
        return Drop{path};
      default:
        return Rename{path, somePath()};
    }
  }

  const std::uint64_t seed_ = testing::chosenSeed();
  testing::Random random_{seed_};
};

TEST_F(LargeRenamesModel, SetApartTheyComeToTheSame) {
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed_));
  const auto one = makeMemoryBackend(Json::object(), {}),
             other = makeMemoryBackend(Json::object(), {});
  std::size_t copied = 0;
  for (int round = 0; round < 1000 && !HasFailure(); ++round) {
    Batch batch;
    for (std::size_t n = 1 + random_.below(6); n > 0; --n) batch.add(someChange());
    Applied applied;
    try {
      applied = one->apply(batch);
    } catch (const Error&) {
      continue;  // such a batch is refused before it is set apart
    }
    std::set<std::string> large;
    for (const char* path : {"a", "b", "c", "d"})
      if (random_.oneIn(2)) large.insert(path);
    SeparatedBatch separated(*other, batch,
                             [&](const std::string& path) { return large.contains(path); });
    const Applied same = separated.kept(other->apply(separated.batch()));
    copied += separated.batch().changes.size() != batch.changes.size();
    EXPECT_EQ(same.added, applied.added);
    EXPECT_EQ(same.removed, applied.removed);
    EXPECT_EQ(contents(*other), contents(*one));
    for (std::size_t i = 0; i < separated.batch().changes.size(); ++i) {
      const auto* rename = std::get_if<Rename>(&separated.batch().changes[i]);
      if (rename && rename->from.starts_with('.')) {
        EXPECT_TRUE(standsAlone(separated.batch(), i));
      }
    }
  }
  EXPECT_GT(copied, 30u);
  EXPECT_TRUE(other->paths(".", "").entries.empty());
}

TEST_F(LargeRenamesModel, CopiesGoWithABatchThatIsNotKept) {
  const auto backend = makeMemoryBackend(Json::object(), {});
  backend->apply(Batch().add(Create{"a", "{}"}).add(Put{"a", "k", "1"}));
  std::string copy;
  {
    const SeparatedBatch separated(*backend, Batch().add(Rename{"a", "b"}).add(Put{"b", "j", "2"}),
                                   [](const std::string&) { return true; });
    copy = std::get<Rename>(separated.batch().changes.back()).from;
    EXPECT_EQ(backend->info(copy)->length, 2u);
  }
  EXPECT_FALSE(backend->info(copy));
  EXPECT_EQ(contents(*backend), (Contents{{"a", {{"k", "1"}}}}));
}

}  // namespace
}  // namespace hexpage
