// Random operations on a store and on a model of it in std::map, side by side, in each layout and
// with small and large pages. HEXPAGE_SEED runs one again; HEXPAGE_ROUNDS makes it longer.
#include <map>

#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using Documents = std::map<std::string, std::string>;  // text by key

struct Setting {
  StoreKind kind;
  std::size_t pageSize;
};

void PrintTo(const Setting& setting, std::ostream* out) {
  *out << setting.kind.name << setting.pageSize;
}

int rounds() {
  const char* text = std::getenv("HEXPAGE_ROUNDS");
  return text ? std::atoi(text) : 4;
}

class Model : public ::testing::TestWithParam<Setting> {
 protected:
  void SetUp() override { RecordProperty("seed", std::to_string(seed_)); }

  // One operation, chosen at random, on both.
  void step() {
    const std::string path = somePath();
    switch (random_.below(16)) {
      case 0:
        return rename(path, somePath());
      case 1:
        return copy(path, somePath());
      case 2:
        return clear(path, random_.oneIn(2));
      case 3:
        return putMany(path);
      case 4:
        return removeMany(path);
      case 5:
        return update(path, random_.word());
      case 6:
        return setPageSize(path);
      case 7:
        return create(path);
      case 8:
      case 9:
      case 10:
        return remove(path, random_.word());
      default:
        return put(path, random_.word());
    }
  }

  void expectEqual() {
    ASSERT_EQ(store_->hashes().size(), hashes_.size());
    for (const auto& [path, documents] : hashes_) {
      ASSERT_EQ(store_->hashGetInfo(path).length, documents.size()) << path;
      Documents stored;
      store_->hashEachText(path, [&](const std::string& key, const std::string& text) {
        EXPECT_TRUE(stored.emplace(key, text).second) << path << " " << key;
      });
      ASSERT_EQ(stored, documents) << path;
    }
  }

  const std::uint64_t seed_ = chosenSeed();
  Random random_{seed_};
  TestStore store_{GetParam().kind, {{"hash_page_size", GetParam().pageSize}}};
  std::map<std::string, Documents> hashes_;

 private:
  std::string somePath() {
    static const char* const kPaths[] = {"users", "users/old", "audit", "app/x/y"};
    return kPaths[random_.below(4)];
  }

  void create(const std::string& path) {
    store_->hashCreate(path);
    hashes_[path];
  }

  void put(const std::string& path, const std::string& key) {
    const Json document = random_.document();
    store_->hashPut(path, key, document);
    hashes_[path][key] = document.dump();
  }

  void putMany(const std::string& path) {
    Json records = Json::object();
    for (std::size_t n = random_.below(40); n > 0; --n)
      records[random_.word()] = random_.document();
    store_->hashPutMulti(path, records);
    Documents& documents = hashes_[path];
    for (const auto& [key, value] : records.items()) documents[key] = value.dump();
  }

  void remove(const std::string& path, const std::string& key) {
    const bool isThere = hashes_.contains(path) && hashes_[path].contains(key);
    const auto failure = failureOf([&] { store_->hashDelete(path, key); });
    ASSERT_EQ(failure, isThere ? std::nullopt : std::optional(Code::NoSuchKey)) << path << key;
    if (isThere) hashes_[path].erase(key);
  }

  void removeMany(const std::string& path) {
    std::vector<std::string> keys;
    for (std::size_t n = random_.below(30); n > 0; --n) keys.push_back(random_.word());
    std::size_t expected = 0;
    if (hashes_.contains(path))
      for (const std::string& key : keys) expected += hashes_[path].erase(key);
    ASSERT_EQ(store_->hashDeleteMulti(path, keys), expected);
  }

  void update(const std::string& path, const std::string& key) {
    const Json changes{{"changed", random_.document(1)}};
    if (!hashes_.contains(path) || !hashes_[path].contains(key)) {
      ASSERT_EQ(failureOf([&] { store_->hashMerge(path, key, changes); }), Code::NoSuchKey);
      return;
    }
    store_->hashMerge(path, key, changes);
    Json document = Json::parse(hashes_[path][key]);
    document.merge_patch(changes);
    hashes_[path][key] = document.dump();
  }

  void clear(const std::string& path, bool entire) {
    const auto failure = failureOf([&] { store_->hashDeleteAll(path, entire); });
    ASSERT_EQ(failure.has_value(), !hashes_.contains(path)) << path;
    if (failure) return;
    if (entire)
      hashes_.erase(path);
    else
      hashes_[path].clear();
  }

  void copy(const std::string& from, const std::string& to) {
    const auto failure = failureOf([&] { store_->hashCopy(from, to); });
    ASSERT_EQ(failure.has_value(), !hashes_.contains(from)) << from << " to " << to;
    if (!failure) hashes_[to] = Documents(hashes_[from]);
  }

  void rename(const std::string& from, const std::string& to) {
    const auto failure = failureOf([&] { store_->hashRename(from, to); });
    ASSERT_EQ(failure.has_value(), !hashes_.contains(from)) << from << " to " << to;
    if (failure || from == to) return;
    hashes_[to] = std::move(hashes_[from]);
    hashes_.erase(from);
  }

  void setPageSize(const std::string& path) {
    if (!hashes_.contains(path)) return;
    store_->hashSetPageSize(path, 1 + random_.below(2 * GetParam().pageSize));
  }
};

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (const StoreKind& kind : allStores())
    for (const std::size_t pageSize : {1, 2, 10, 50}) all.push_back({kind, pageSize});
  return all;
}

std::string settingName(const ::testing::TestParamInfo<Setting>& setting) {
  return setting.param.kind.name + std::to_string(setting.param.pageSize);
}

INSTANTIATE_TEST_SUITE_P(Stores, Model, ::testing::ValuesIn(settings()), settingName);

TEST_P(Model, RandomOperationsEndInTheSameState) {
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed_));
  for (int round = 0; round < rounds() && !HasFailure(); ++round) {
    for (int n = 0; n < 60 && !HasFailure(); ++n) step();
    expectEqual();
    expectClean(store_->verify());
    store_.reopen();
    expectEqual();
  }
}

}  // namespace
}  // namespace hexpage::testing
