// What a save of a store in memory has to do with those who write meanwhile. A save takes the store
// as it is at one moment, without copying it then: a segment, a name or a record that it has not
// come by is kept for it by whoever is about to change it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hexpage {

class Segment;

class Saving {
 public:
  using Number = std::uint32_t;
  using Segments = std::vector<std::shared_ptr<Segment>>;

  // Of the save that goes on; 0 when none does.
  Number current() const noexcept { return current_.load(std::memory_order_relaxed); }
  // Whether it still has to come by what was last saved, or made, during that one.
  bool awaits(Number savedIn) const noexcept {
    const Number now = current();
    return now != 0 && savedIn != now;
  }

  // Does what hands something to the save. When that fails, for want of memory, it is the save that
  // fails in the end, and not who changes something.
  template <class Keep>
  void attempt(Keep keep) noexcept {
    try {
      keep();
    } catch (...) {
      hasMissed_ = true;
    }
  }

  // Hands it a frame of the snapshot, of a name or of items, or all of a shard's segments, those it
  // still awaits among them. Any thread may.
  void keepName(std::string frame);
  void keepItems(std::string frame);
  void keepShard(std::uint64_t table, Segments segments);

  // Something was changed that no save has. Any thread may.
  void noteChange() noexcept {
    if (!isChanged_.load(std::memory_order_relaxed)) isChanged_ = true;
  }

  // --- for the one who saves ---
  bool isChanged() const noexcept { return isChanged_; }
  void begin();                                           // nobody uses the store meanwhile
  bool hasMissed() const noexcept { return hasMissed_; }  // something since then
  void end() noexcept;                                    // forgets what was kept

  struct Items {
    std::vector<std::string> frames;
    std::vector<std::pair<std::uint64_t, Segments>> shards;  // with the numbers of their tables
  };
  std::vector<std::string> takeNames();
  Items takeItems();

 private:
  std::atomic<Number> current_{0};
  Number last_ = 0;
  std::atomic<bool> isChanged_{false};
  std::atomic<bool> hasMissed_{false};
  std::mutex mutex_;
  std::vector<std::string> names_;
  Items items_;
};

}  // namespace hexpage
