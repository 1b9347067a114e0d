#include <hexpage/hexpage.hpp>

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

}  // namespace

Figures measureHexpage(int threads) { return measured(HexpageStore(), threads); }

}  // namespace hexpage::bench
