#include "support/hidden_hash.hpp"

#include <atomic>
#include <exception>
#include <random>
#include <utility>

namespace hexpage {
namespace {

constexpr std::size_t kBatchItems = 1000;
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

// Other processes have others.
std::string newHiddenPath() {
  static const std::string process = [] {
    std::random_device random;
    return ".build/" + std::to_string(random()) + std::to_string(random()) + "-";
  }();
  static std::atomic<std::uint64_t> counter{0};
  return process + std::to_string(++counter);
}

}  // namespace

HiddenHash::HiddenHash(Backend& backend, const std::string& options)
    : backend_(backend), path_(newHiddenPath()) {
  apply(Create{path_, options});
}

HiddenHash::~HiddenHash() {
  if (isMoved_) return;
  try {
    apply(Drop{path_});
  } catch (const std::exception&) {  // whatever led here is the error to tell; opening sweeps it
  }
}

void HiddenHash::put(Item item) {
  const std::size_t bytes = item.key.size() + item.text.size();
  add(Put{path_, std::move(item.key), std::move(item.text), item.expires}, bytes);
}

void HiddenHash::putAll(const std::string& from) {
  Chunk chunk;
  do {
    chunk = backend_.scan(from, chunk.next);
    for (Item& item : chunk.items) put(std::move(item));
  } while (!chunk.next.empty());
}

void HiddenHash::remove(std::string key) {
  const std::size_t bytes = key.size();
  add(Remove{path_, std::move(key)}, bytes);
}

void HiddenHash::add(Change change, std::size_t bytes) {
  pendingBytes_ += bytes;
  pending_.changes.push_back(std::move(change));
  if (pending_.changes.size() >= kBatchItems || pendingBytes_ >= kBatchBytes) flush();
}

void HiddenHash::moveTo(const std::string& path) {
  flush();
  apply(Rename{path_, path});
  isMoved_ = true;
}

void HiddenHash::flush() {
  backend_.apply(pending_);
  pending_.changes.clear();
  pendingBytes_ = 0;
}

void HiddenHash::apply(Change change) {
  Batch batch;
  batch.changes.push_back(std::move(change));
  backend_.apply(batch);
}

}  // namespace hexpage
