// A view of a store in memory while memory for a copy of what is changed runs out: the view fails,
// and not who writes.
#include <gtest/gtest.h>

#include <hexpage/backend.hpp>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "tests/memory/failing_allocations.hpp"
#include "tests/support/contents.hpp"

namespace hexpage::testing {
namespace {

constexpr std::size_t kItems = 200;

// nullopt when there was no memory for what it was.
std::optional<Texts> textsIn(View& view) {
  try {
    Texts texts;
    Chunk chunk;
    do {
      chunk = view.scan("users", chunk.next);
      for (Item& item : chunk.items) texts[item.key] = std::move(item.text);
    } while (!chunk.next.empty());
    return texts;
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

class MemoryViews : public ::testing::Test {
 protected:
  MemoryViews() {
    Batch batch;
    batch.add(Create{"users", "{}"});
    for (std::size_t n = 0; n < kItems; ++n) batch.add(Put{"users", std::to_string(n), "1"});
    backend_->apply(batch);
  }

  // Applies it with each of its allocations failing in turn, and all after that, while a view is
  // there. `model` is what it does.
  template <class Model>
  void failAtEach(const Batch& batch, Model model) {
    Texts now = *textsIn(*backend_);
    bool hasFailed = true;
    for (std::size_t nth = 1; hasFailed; ++nth) {
      SCOPED_TRACE("allocation " + std::to_string(nth));
      const auto view = backend_->snapshot();
      const Texts then = now;
      FailingAllocations failing(nth, FailingAllocations::Then::All);
      try {
        backend_->apply(batch);
        hasFailed = failing.end();
        model(now);
      } catch (const std::bad_alloc&) {
        hasFailed = failing.end();
        ++thrown_;
      }
      EXPECT_EQ(textsIn(*backend_), now);
      EXPECT_EQ(textsIn(*backend_->snapshot()), now);
      const auto seen = textsIn(*view);
      spoiled_ += !seen;
      if (seen) {
        EXPECT_EQ(*seen, then);
      }
    }
  }

  std::unique_ptr<Backend> backend_ = makeBackend("memory", Json::object());
  int thrown_ = 0;
  int spoiled_ = 0;
};

TEST_F(MemoryViews, ARemovalNeedsNoMemory) {
  failAtEach(Batch().add(Remove{"users", "7"}), [](Texts& texts) { texts.erase("7"); });
  EXPECT_EQ(thrown_, 0);
  EXPECT_GT(spoiled_, 0);
}

TEST_F(MemoryViews, APutHasAllOfItsEffectOrNone) {
  failAtEach(Batch().add(Put{"users", "7", "2"}), [](Texts& texts) { texts["7"] = "2"; });
  EXPECT_GT(spoiled_, 0);
}

TEST_F(MemoryViews, ABatchHasAllOfItsEffectOrNone) {
  Batch batch;
  for (std::size_t n = 0; n < 2 * kItems; n += 20) batch.add(Put{"users", std::to_string(n), "3"});
  for (std::size_t n = 1; n < kItems; n += 20) batch.add(Remove{"users", std::to_string(n)});
  failAtEach(batch, [](Texts& texts) {
    for (std::size_t n = 0; n < 2 * kItems; n += 20) texts[std::to_string(n)] = "3";
    for (std::size_t n = 1; n < kItems; n += 20) texts.erase(std::to_string(n));
  });
  EXPECT_GT(thrown_, 0);
}

}  // namespace
}  // namespace hexpage::testing
