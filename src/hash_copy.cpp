#include "hash_copy.hpp"

#include <atomic>
#include <random>

#include "session.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kBatchItems = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

// A hash that nobody sees; the backend forgets those that a crash leaves.
// Other processes have others.
std::string hiddenPath() {
  static const std::string process = [] {
    std::random_device random;
    return ".build/" + std::to_string(random()) + std::to_string(random()) + "-";
  }();
  static std::atomic<std::uint64_t> counter{0};
  return process + std::to_string(++counter);
}

void copyItems(Backend& backend, const std::string& from, const std::string& to) {
  Batch batch;
  std::size_t bytes = 0;
  const auto flush = [&] {
    backend.apply(batch);
    batch.changes.clear();
    bytes = 0;
  };
  std::string cursor;
  do {
    Chunk chunk = backend.scan(from, cursor);
    for (Item& item : chunk.items) {
      bytes += item.key.size() + item.text.size();
      batch.add(Put{to, std::move(item.key), std::move(item.text)});
      if (batch.changes.size() >= kBatchItems || bytes >= kBatchBytes) flush();
    }
    cursor = std::move(chunk.next);
  } while (!cursor.empty());
  flush();
}

void applyOne(Backend& backend, Change change) {
  Batch batch;
  batch.changes.push_back(std::move(change));
  backend.apply(batch);
}

}  // namespace

void copyHash(Session& session, const std::string& from, const std::string& to,
              const std::string& options) {
  Backend& backend = *session.backend;
  const std::string hidden = hiddenPath();
  try {
    applyOne(backend, Create{hidden, options});
    copyItems(backend, from, hidden);
    applyOne(backend, Rename{hidden, to});
  } catch (...) {
    try {
      applyOne(backend, Drop{hidden});
    } catch (
        const std::exception&) {  // the first error is the one to tell; opening sweeps the rest
    }
    throw;
  }
}

}  // namespace hexpage
