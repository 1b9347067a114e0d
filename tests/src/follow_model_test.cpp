// Random changes through two openings of a store, while a third party applies what it is told to a
// store in memory: at the end both have the same. HEXPAGE_SEED runs one again.
#include "tests/support/contents.hpp"
#include "tests/support/fixed_clock.hpp"
#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using namespace std::chrono_literals;

class FollowingModel : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override { RecordProperty("seed", std::to_string(seed_)); }

  void step() {
    Storage& storage = random_.oneIn(2) ? *store_ : other_;
    if (random_.oneIn(4))
      storage.transaction([&](Transaction& tx) {
        for (std::size_t n = random_.below(5); n > 0; --n) change(tx);
      });
    else if (random_.oneIn(50))
      compact(storage);
    else if (random_.oneIn(20))
      sweep(storage);
    else
      change(storage);
  }

  // What is told so far.
  void follow() {
    const ChangeFeed::Take take{
        .batch = [&](const Batch& batch) { sessionOf(copy_).backend->stored().apply(batch); },
        .missed = [] { ADD_FAILURE() << "missed"; }};
    while (feed_->next(take, Millis(0))) {
    }
  }

  void expectEqual() {
    follow();
    EXPECT_EQ(contentOf(*store_), contentOf(copy_));
  }

  const std::uint64_t seed_ = chosenSeed();
  Random random_{seed_};
  FixedClock clock_;
  TestStore store_{GetParam(), {{"hash_page_size", 5}}, clock_};
  Json otherConfig_ = [&] {
    Json config = GetParam().config(store_.dir().string());
    config["hash_page_size"] = 5;
    return config;
  }();
  Storage other_ = Storage::open(otherConfig_, clock_);
  Storage copy_ = Storage::open({{"backend", "memory"}}, clock_);
  std::unique_ptr<ChangeFeed> feed_ = sessionOf(*store_).backend->stored().follow();

 private:
  std::string somePath() {
    static const char* const kPaths[] = {"users", "users/old", "audit", "app/x/y"};
    return kPaths[random_.below(4)];
  }

  template <class Hashes>
  void change(Hashes& hashes) {
    const auto failure = failureOf([&] { changeOne(hashes, somePath()); });
    EXPECT_EQ(failure.value_or(Code::NoSuchKey), Code::NoSuchKey);
  }

  template <class Hashes>
  void changeOne(Hashes& hashes, const std::string& path) {
    switch (random_.below(12)) {
      case 0:
        hashes.hashRename(path, somePath());
        break;
      case 1:
        hashes.hashCopy(path, somePath());
        break;
      case 2:
        hashes.hashDeleteAll(path, random_.oneIn(2));
        break;
      case 3:
        hashes.put("record" + std::to_string(random_.below(3)), random_.document());
        break;
      case 4:
        hashes.erase("record" + std::to_string(random_.below(3)));
        break;
      case 5:
        hashes.hashDeleteMulti(path, {random_.word(), random_.word()});
        break;
      case 6:
      case 7:
        hashes.hashPut(path, random_.word(), random_.document(),
                       {.ttl = Millis(random_.below(9'000) + 1)});
        break;
      case 8:
        hashes.hashIncrement("counts", random_.word());
        break;
      default:
        hashes.hashPut(path, random_.word(), random_.document());
    }
  }

  // Of two of them, the second may take what was not told yet.
  void compact(Storage& storage) {
    storage.compact();
    follow();
  }

  void sweep(Storage& storage) {
    clock_.advance(Millis(random_.below(2'000)));
    for (const HashInfo& hash : storage.hashes()) storage.hashSweep(hash.path);
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, FollowingModel,
                         ::testing::Values(rawFiles(), bufferedFiles(),
                                           StoreKind{"binary", "binary", Json::object(), true,
                                                     1000}),
                         storeName);

TEST_P(FollowingModel, WhoAppliesWhatIsToldHasACopy) {
  for (int i = 1; i <= 1'000 && !HasFailure(); ++i) {
    step();
    if (i % 50 == 0) follow();
    if (i % 250 == 0) expectEqual();
  }
}

}  // namespace
}  // namespace hexpage::testing
