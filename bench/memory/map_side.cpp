#include <charconv>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include "measure.hpp"
#include "src/matcher.hpp"

namespace hexpage::bench {
namespace {

class MapStore {
 public:
  void put(const std::string& key, const char* text) {
    const std::lock_guard guard(mutex_);
    map_[key] = text;
  }
  std::string get(const std::string& key) {
    const std::lock_guard guard(mutex_);
    return map_.at(key);
  }
  void increment(const std::string& key) {
    const std::lock_guard guard(mutex_);
    std::string& text = map_[key];
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    char digits[24];
    text.assign(digits, std::to_chars(digits, digits + sizeof digits, number + 1).ptr);
  }
  void clear() {
    const std::lock_guard guard(mutex_);
    std::unordered_map<std::string, std::string>().swap(map_);
  }
  std::size_t count(const Match& match) {
    const Matcher matcher(match);
    const std::lock_guard guard(mutex_);
    std::size_t count = 0;
    for (const auto& [key, text] : map_) count += matcher.accepts(key, text);
    return count;
  }
  template <class Visit>
  void each(Visit visit) {
    const std::lock_guard guard(mutex_);
    for (const auto& [key, text] : map_) visit(key, text);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> map_;
};

}  // namespace

Figures measureMap(int threads) { return measured(MapStore(), threads); }

}  // namespace hexpage::bench
