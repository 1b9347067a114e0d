#include "memory/saver.hpp"

#include <exception>
#include <functional>
#include <hexpage/error.hpp>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <utility>

#include "memory/memory_view.hpp"
#include "memory/segment.hpp"
#include "support/at_end.hpp"
#include "support/json_scanner.hpp"
#include "support/quiet_thread.hpp"

namespace hexpage {
namespace {

constexpr mode_t kLockMode = 0600;

std::unique_ptr<MemoryHash> hashOf(std::string_view header, Moments& moments,
                                   const std::string& file) {
  try {
    if (auto parsed = Header::parse(std::string(header)))
      return std::make_unique<MemoryHash>(std::move(*parsed), moments);
  } catch (const JsonError&) {
  }
  throw Error(Code::Corrupt, file + ": a hash whose header is none: " + std::string(header));
}

}  // namespace

Saver::Saver(const SaveSettings& settings, ManyReadersLock& structure, Catalog& catalog,
             Moments& moments)
    : structure_(structure),
      catalog_(catalog),
      moments_(moments),
      place_(settings.file),
      lock_(place_.directory.get(), place_.name + ".lock", kLockMode, place_.path + ".lock") {
  if (!lock_.tryLock(0, LockMode::Exclusive))
    throw Error(Code::Conflict, place_.path +
                                    " is the snapshot of a store that is open already, here or in "
                                    "another process; give each its own save_to");
  load();
  if (settings.interval.count() > 0)
    thread_ = quietThread([this, interval = settings.interval] { run(interval); });
}

Saver::~Saver() {
  if (forks_.isChild()) {
    if (thread_.joinable()) thread_.detach();  // there is none here
    return;
  }
  {
    const std::lock_guard guard(mutex_);
    isStopping_ = true;
  }
  isOver_.notify_all();
  if (thread_.joinable()) thread_.join();
  saveIfChanged();
}

void Saver::load() {
  std::map<std::uint64_t, MemoryHash*> hashes;
  SnapshotVisitor visit;
  visit.hash = [&](std::uint64_t number, std::string_view path, std::string_view header) {
    auto hash = hashOf(header, moments_, place_.path);
    hashes[number] = hash.get();
    catalog_.put(std::string(path), {std::move(hash)});
  };
  visit.record = [&](std::string_view path, std::string_view text) {
    catalog_.put(std::string(path), {nullptr, std::make_shared<const std::string>(text)});
  };
  visit.item = [&](std::uint64_t number, std::string_view key, std::string_view text, Expires at) {
    const auto found = hashes.find(number);
    if (found == hashes.end()) return;
    MemoryTable& table = found->second->table;
    table.put(key, text, at);
    if (table.isCrowded()) table.spread();
  };
  readSnapshot(place_, visit);
}

void Saver::run(Millis interval) {
  std::unique_lock lock(mutex_);
  while (!isOver_.wait_for(lock, interval, [this] { return isStopping_; })) {
    lock.unlock();
    saveIfChanged();
    lock.lock();
  }
}

std::string Saver::problem() const {
  const std::lock_guard guard(mutex_);
  return problem_;
}

// problem() tells what goes wrong.
void Saver::saveIfChanged() noexcept {
  try {
    save();
  } catch (const std::exception&) {
  }
}

void Saver::save() {
  const std::lock_guard one(one_);
  if (!isChanged_) return;
  std::string problem;
  const AtEnd told([&] {
    const std::lock_guard guard(mutex_);
    problem_ = std::move(problem);
  });
  try {
    write();
  } catch (const std::exception& error) {
    noteChange();
    problem = error.what();
    throw;
  }
}

// A table's number is its place among all.
void Saver::write() {
  SnapshotWriter writer(place_);
  std::optional<MemoryView> view;
  {
    std::unique_lock structure(structure_);
    view.emplace(catalog_, moments_);
    isChanged_ = false;
  }
  std::uint64_t number = 0;
  for (const MemoryView::Place& place : view->places()) {
    ++number;
    writer.add(place.header ? hashFrame(number, place.path, place.header->text())
                            : recordFrame(place.path, *place.record));
  }
  number = 0;
  for (MemoryView::Place& place : view->places()) {
    ++number;
    if (place.items)
      place.items->takeSegments(
          [&](const Segment& segment) { writer.add(itemsFrame(number, segment)); });
  }
  view.reset();
  writer.finish();
}

}  // namespace hexpage
