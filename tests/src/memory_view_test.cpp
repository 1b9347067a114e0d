// Views of a store in memory: each of one moment, while others go on writing.
#include <gtest/gtest.h>
#include <malloc.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/contents.hpp"
#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

std::string keyNumber(std::size_t n) { return "key" + std::to_string(n); }

Storage openInMemory() { return Storage::open({{"backend", "memory"}}); }

// Gives what `work` throws to the caller; another thread than the caller's does it.
void inAnotherThread(const std::function<void()>& work) {
  std::async(std::launch::async, work).get();
}

// --- a backup ---

// What a backup is as a store, that was written while `meanwhile` went on, called once when the
// moment of the backup has come.
Storage restoredBackup(Storage& storage, const std::function<void()>& meanwhile) {
  std::string bytes;
  int calls = 0;
  backup(storage, [&](std::string_view some) {
    bytes += some;
    if (++calls == 2) meanwhile();  // the first is of what all backups begin with
  });
  Storage restored = openInMemory();
  const BackupSource source{"b", [&, at = std::size_t{0}](char* buffer, std::size_t size) mutable {
                              const std::size_t some = bytes.copy(buffer, size, at);
                              at += some;
                              return some;
                            }};
  restore(restored, {source});
  return restored;
}

// Who wrote waited for the end of a backup: with a writer that the backup waits for, for ever.
TEST(MemoryView, WritersGoOnDuringABackup) {
  Storage storage = openInMemory();
  for (std::size_t n = 0; n < 2000; ++n) storage.hashPut("users", keyNumber(n), n);
  storage.put("state", 1);
  Storage restored = restoredBackup(storage, [&] {
    inAnotherThread([&] {
      for (std::size_t n = 0; n < 2000; ++n) storage.hashPut("users", keyNumber(n), "changed");
      storage.hashPut("users", "new", 1);
      storage.hashDelete("users", keyNumber(0));
      storage.hashPut("new", "a", 1);
      storage.put("state", 2);
    });
  });
  EXPECT_EQ(storage.hashGet("users", keyNumber(7)), "changed");
  EXPECT_EQ(restored.hashGetInfo("users").length, 2000u);
  for (std::size_t n = 0; n < 2000; ++n) EXPECT_EQ(restored.hashGet("users", keyNumber(n)), n);
  EXPECT_EQ(restored.get("state"), 1);
  EXPECT_EQ(restored.list(), (std::vector<std::string>{"state", "users"}));
}

TEST(MemoryView, ABackupIsOfOneMomentOverAllHashes) {
  Storage storage = openInMemory();
  storage.hashPut("from", "sum", 100);
  storage.hashPut("to", "sum", 0);
  const auto move = [&] {
    storage.transaction({"from", "to"}, [](Transaction& tx) {
      tx.hashDecrement("from", "sum");
      tx.hashIncrement("to", "sum");
    });
  };
  move();
  Storage restored = restoredBackup(storage, [&] { inAnotherThread(move); });
  EXPECT_EQ(restored.hashGet("from", "sum"), 99);
  EXPECT_EQ(restored.hashGet("to", "sum"), 1);
  EXPECT_EQ(storage.hashGet("to", "sum"), 2);
}

TEST(MemoryView, HashesMayComeAndGoDuringABackup) {
  Storage storage = openInMemory();
  for (const char* path : {"a", "b", "c"}) storage.hashPut(path, "k", path);
  Storage restored = restoredBackup(storage, [&] {
    storage.hashDeleteAll("a", true);
    storage.hashDeleteAll("b");
    storage.hashRename("c", "d");
  });
  for (const char* path : {"a", "b", "c"}) EXPECT_EQ(restored.hashGet(path, "k"), path);
  EXPECT_EQ(storage.list(), (std::vector<std::string>{"b", "d"}));
}

// --- views of a backend ---

using Content = std::map<std::string, Texts>;  // of hashes by their paths

Content contentOfView(View& view) {
  Content content;
  for (const PathEntry& entry : view.paths("", "").entries) {
    Texts& texts = content[entry.path];
    Chunk chunk;
    do {
      chunk = view.scan(entry.path, chunk.next);
      for (const Item& item : chunk.items)
        EXPECT_TRUE(texts.emplace(item.key, item.text).second) << "told twice: " << item.key;
    } while (!chunk.next.empty());
    EXPECT_EQ(view.info(entry.path)->length, texts.size());
  }
  return content;
}

// A store, a model of it, and views with what was in the model at their moments.
class ViewsBesideAModel {
 public:
  explicit ViewsBesideAModel(std::uint64_t seed) : random_(seed) {}

  void step() {
    const std::string path = "hash" + std::to_string(random_.below(3));
    switch (random_.below(400)) {
      case 0:
        return apply(Drop{path}, [&] { model_.erase(path); });
      case 1:
        return rename(path, "hash" + std::to_string(random_.below(3)));
      case 2:
        return apply(Clear{path}, [&] {
          if (model_.contains(path)) model_[path].clear();
        });
      case 3:
      case 4:
        views_.push_back({backend_->snapshot(), model_});
        return;
      case 5:
        return endView();
      default:
        return item(path, keyNumber(random_.below(700)));
    }
  }

  void expectAllAsTheyWere() {
    for (const Then& then : views_) EXPECT_EQ(contentOfView(*then.view), then.content);
    EXPECT_EQ(contentOfView(*backend_->snapshot()), model_);
    EXPECT_EQ(contentOfView(*backend_), model_);
  }

 private:
  struct Then {
    std::unique_ptr<View> view;
    Content content;
  };

  template <class Model>
  void apply(Change change, Model model) {
    backend_->apply(Batch().add(std::move(change)));
    model();
  }

  void rename(const std::string& from, const std::string& to) {
    apply(Rename{from, to}, [&] {
      if (from == to || !model_.contains(from)) return;
      model_[to] = std::move(model_[from]);
      model_.erase(from);
    });
  }

  void item(const std::string& path, const std::string& key) {
    if (random_.oneIn(4))
      return apply(Remove{path, key}, [&] {
        if (model_.contains(path)) model_[path].erase(key);
      });
    Batch batch;
    batch.add(Create{path, "{}"});
    for (std::size_t puts = random_.oneIn(10) ? 20 : 1; puts > 0; --puts) {
      const std::string put = puts == 1 ? key : keyNumber(random_.below(700));
      const std::string text = "\"" + std::string(random_.below(60), 'x') + "\"";
      batch.add(Put{path, put, text});
      model_[path][put] = text;
    }
    backend_->apply(batch);
  }

  void endView() {
    if (views_.empty()) return;
    const std::size_t place = random_.below(views_.size());
    EXPECT_EQ(contentOfView(*views_[place].view), views_[place].content);
    views_.erase(views_.begin() + static_cast<std::ptrdiff_t>(place));
  }

  Random random_;
  std::unique_ptr<Backend> backend_ = makeBackend("memory", Json::object());
  Content model_;
  std::vector<Then> views_;
};

TEST(MemoryView, StaysAsItWasWhateverIsDone) {
  const std::uint64_t seed = chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  ViewsBesideAModel stores(seed);
  for (int step = 0; step < 4000 && !::testing::Test::HasFailure(); ++step) stores.step();
  stores.expectAllAsTheyWere();
}

TEST(MemoryView, IsReadWhileOthersWrite) {
  const auto backend = makeBackend("memory", Json::object());
  Batch batch;
  batch.add(Create{"users", "{}"});
  for (std::size_t n = 0; n < 1000; ++n) batch.add(Put{"users", keyNumber(n), "0"});
  backend->apply(batch);
  std::vector<std::thread> writers;
  for (std::size_t t = 0; t < 2; ++t)
    writers.emplace_back([&, t] {
      for (std::size_t n = 0; n < 4000; ++n)
        if (n % 3 == 0)
          backend->apply(Batch().add(Remove{"users", keyNumber((n * 7 + t) % 1200)}));
        else
          backend->apply(Batch().add(Put{"users", keyNumber((n * 11 + t) % 1200), "1"}));
    });
  for (int round = 0; round < 20; ++round) {
    const auto view = backend->snapshot();
    EXPECT_EQ(contentOfView(*view), contentOfView(*view));
  }
  for (std::thread& writer : writers) writer.join();
}

TEST(MemoryView, GivesBackWhatOnlyItHad) {
  const auto backend = makeBackend("memory", Json::object());
  const auto putAll = [&](const std::string& text) {
    for (std::size_t n = 0; n < 10'000; ++n)
      backend->apply(Batch().add(Put{"users", keyNumber(n), text}));
  };
  backend->apply(Batch().add(Create{"users", "{}"}));
  const std::string text(100, '1');
  putAll(text);
  putAll(text);
  const auto before = ::mallinfo2().uordblks;
  auto view = backend->snapshot();
  putAll(text);
  view.reset();
  EXPECT_LE(::mallinfo2().uordblks, before + before / 10);
}

}  // namespace
}  // namespace hexpage::testing
