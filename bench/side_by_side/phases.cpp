#include "phases.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "stores.hpp"
#include "workload.hpp"

namespace hexpage::bench {

namespace {

constexpr std::size_t kMostGets = 20'000;
constexpr std::size_t kBatch = 1'000;

using Clock = std::chrono::steady_clock;
using Micros = std::chrono::duration<double, std::micro>;

class Round {
 public:
  Round(std::string directory, std::size_t keys) : directory_(std::move(directory)) {
    for (std::size_t i = 0; i < keys; ++i) items_.emplace_back(keyOf(i), documentOf(i));
  }

  Json run() {
    put();
    putMulti("putMulti", "/multi", items_.size());
    putMulti("putMulti1000", "/batches", kBatch);
    get();
    update();
    each();
    eachText();
    erase();
    return std::move(results_);
  }

 private:
  // Takes the time until all of it is in the files and on disk, so that no write that is put off
  // escapes the clock; opening and closing are not in it.
  template <class Use>
  void measureUntilSynced(const char* operation, const std::string& store, std::size_t count,
                          Use use) {
    Storage storage = openStore(directory_ + store);
    const auto start = Clock::now();
    use(storage);
    storage.sync();
    record(operation, start, count);
  }

  void record(const char* operation, Clock::time_point start, std::size_t count) {
    results_[operation] = Micros(Clock::now() - start).count() / static_cast<double>(count);
  }

  void put() {
    measureUntilSynced("put", "/put", items_.size(), [&](Storage& storage) {
      Clock::duration worst{};
      auto now = Clock::now();
      for (const auto& [key, document] : items_) {
        storage.hashPut(kHash, key, document);
        const auto then = std::exchange(now, Clock::now());
        worst = std::max(worst, now - then);
      }
      results_["putWorst"] = Micros(worst).count();
    });
    expect(openStore(directory_ + "/put").hashGetInfo(kHash).length == items_.size(), "put");
  }

  void putMulti(const char* operation, const std::string& store, std::size_t batch) {
    const std::vector<Json> objects = objectsOf(batch);
    measureUntilSynced(operation, store, items_.size(), [&](Storage& storage) {
      for (const Json& object : objects) storage.hashPutMulti(kHash, object);
    });
    expect(openStore(directory_ + store).hashGetInfo(kHash).length == items_.size(), operation);
  }

  std::vector<Json> objectsOf(std::size_t batch) const {
    std::vector<Json> objects;
    for (std::size_t i = 0; i < items_.size(); i += batch) {
      auto& object = objects.emplace_back(Json::object()).get_ref<Json::object_t&>();
      const std::size_t end = std::min(i + batch, items_.size());
      // The pairs go in as they are: by name, an ordered object would be searched for each.
      for (std::size_t j = i; j < end; ++j) object.Container::emplace_back(items_[j]);
    }
    return objects;
  }

  // A first pass over the same keys is not measured, on either side: what each keeps in memory is
  // there by then.
  void get() {
    const auto picks = randomPicks(std::min(items_.size(), kMostGets), items_.size());
    Storage storage = openStore(directory_ + "/put");
    for (std::size_t pick : picks) storage.hashGet(kHash, items_[pick].first);
    std::size_t right = 0;
    const auto start = Clock::now();
    for (std::size_t pick : picks)
      right += storage.hashGet(kHash, items_[pick].first)["id"] == pick;
    record("get", start, picks.size());
    expect(right == picks.size(), "get");
  }

  void update() {
    const auto picks = spreadPicks(items_.size(), items_.size());
    measureUntilSynced("update", "/put", picks.size(), [&](Storage& storage) {
      for (std::size_t pick : picks)
        storage.hashUpdate(kHash, items_[pick].first, {{"score", 1000 + pick}});
    });
    expect(
        openStore(directory_ + "/put").hashGet(kHash, keyOf(picks[1]))["score"] == 1000 + picks[1],
        "update");
  }

  // Twice in one opened store: from the files, and again with what is in memory by then.
  void each() {
    Storage storage = openStore(directory_ + "/put");
    for (const char* operation : {"each", "eachAgain"}) {
      std::uint64_t sum = 0;
      const auto start = Clock::now();
      storage.hashEach(kHash, [&](const std::string&, const Json& document) {
        sum += document["id"].get<std::uint64_t>();
      });
      record(operation, start, items_.size());
      expect(sum == items_.size() * (items_.size() - 1) / 2, operation);
    }
  }

  void eachText() {
    Storage storage = openStore(directory_ + "/put");
    for (const char* operation : {"eachText", "eachTextAgain"}) {
      std::size_t count = 0;
      const auto start = Clock::now();
      storage.hashEachText(kHash, [&](const std::string&, const std::string& text) {
        count += text.front() == '{';
      });
      record(operation, start, items_.size());
      expect(count == items_.size(), operation);
    }
  }

  void erase() {
    const auto picks = spreadPicks(items_.size() / 2, items_.size());
    measureUntilSynced("delete", "/put", picks.size(), [&](Storage& storage) {
      for (std::size_t pick : picks) storage.hashDelete(kHash, items_[pick].first);
    });
    expect(openStore(directory_ + "/put").hashGetInfo(kHash).length == items_.size() - picks.size(),
           "delete");
  }

  std::string directory_;
  std::vector<std::pair<std::string, Json>> items_;
  Json results_ = Json::object();
};

}  // namespace

Json runPhases(const std::string& directory, std::size_t keys) {
  return Round(directory, keys).run();
}

void load(const std::string& directory, std::size_t from, std::size_t to) {
  Storage storage = openStore(directory);
  for (std::size_t i = from; i < to; ++i) storage.hashPut(kHash, keyOf(i), documentOf(i));
}

}  // namespace hexpage::bench
