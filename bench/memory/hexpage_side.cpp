#include <atomic>
#include <hexpage/hexpage.hpp>
#include <stdexcept>

#include "measure.hpp"

namespace hexpage::bench {
namespace {

constexpr const char* kHash = "bench";

class HexpageStore {
 public:
  void put(const std::string& key, const char* text) { storage_.hashPutText(kHash, key, text); }
  std::string get(const std::string& key) { return storage_.hashGetText(kHash, key); }
  void increment(const std::string& key) { storage_.hashIncrement(kHash, key); }
  void clear() { storage_.hashDeleteAll(kHash, true); }
  std::size_t count(const Match& match) { return storage_.hashCount(kHash, match); }
  template <class Visit>
  void each(Visit visit) {
    storage_.hashEachText(kHash, visit);
  }

 private:
  Storage storage_ = Storage::open({{"backend", "memory"}});
};

// Of items that all have expired, as the clock has it; with nobody who is told.
double sweepMilliseconds() {
  std::atomic<Expires> now = systemTime();
  Storage storage = Storage::open({{"backend", "memory"}}, [&] { return now.load(); });
  for (const std::string& key : keysOf(0))
    storage.hashPutText(kHash, key, "1", {.ttl = std::chrono::seconds(1)});
  now += 2000;
  std::size_t removed = 0;
  const double took = milliseconds([&] { removed = storage.hashSweep(kHash); });
  if (removed != kItems) throw std::runtime_error("the sweep did not remove all");
  return took;
}

}  // namespace

Figures measureHexpage(int threads) {
  Figures figures = measured(HexpageStore(), threads);
  if (threads == 1) figures["sweep"] = sweepMilliseconds();
  return figures;
}

}  // namespace hexpage::bench
