#include "memory/saver.hpp"

#include <exception>
#include <functional>
#include <hexpage/error.hpp>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <shared_mutex>
#include <utility>

#include "memory/segment.hpp"
#include "support/at_end.hpp"
#include "support/json_scanner.hpp"
#include "support/quiet_thread.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kNamesAtOnce = 1000;
constexpr mode_t kLockMode = 0600;

struct TableName {
  std::string path;
  std::uint64_t number = 0;
};

// The first hash after the path whose table is one of those that the save takes and has not got.
// The caller holds the structure's lock.
std::optional<TableName> nextTable(const Catalog& catalog, const std::string& after,
                                   std::uint64_t newest, const std::set<std::uint64_t>& done) {
  std::optional<TableName> found;
  catalog.each(after, false, [&](const std::string& path, const Catalog::Entry& entry) {
    if (!entry.hash || isHidden(path)) return true;
    const std::uint64_t number = entry.hash->table.number();
    if (number > newest || done.contains(number)) return true;
    found = {path, number};
    return false;
  });
  return found;
}

std::unique_ptr<MemoryHash> hashOf(std::string_view header, Saving& saving,
                                   const std::string& file) {
  try {
    if (auto parsed = Header::parse(std::string(header)))
      return std::make_unique<MemoryHash>(std::move(*parsed), saving);
  } catch (const JsonError&) {
  }
  throw Error(Code::Corrupt, file + ": a hash whose header is none: " + std::string(header));
}

}  // namespace

Saver::Saver(const SaveSettings& settings, ManyReadersLock& structure, Catalog& catalog,
             Saving& saving)
    : structure_(structure),
      catalog_(catalog),
      saving_(saving),
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
    auto hash = hashOf(header, saving_, place_.path);
    hashes[number] = hash.get();
    catalog_.put(std::string(path), {std::move(hash)});
  };
  visit.record = [&](std::string_view path, std::string_view text) {
    catalog_.put(std::string(path), {nullptr, std::string(text)});
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
  if (!saving_.isChanged()) return;
  std::string problem;
  const AtEnd told([&] {
    const std::lock_guard guard(mutex_);
    problem_ = std::move(problem);
  });
  try {
    write();
  } catch (const std::exception& error) {
    saving_.noteChange();
    problem = error.what();
    throw;
  }
}

// 1. At one moment, when nobody uses the store, everything begins to be awaited.
// 2. The names are written, and what was kept of those that were changed since.
// 3. So are the tables, some segments at a time, until none is left that was there at that moment:
//    one that is renamed meanwhile may be missed by a round, and has its turn in the next.
// 4. What was kept last is written: whoever changed a segment handed it over before.
void Saver::write() {
  SnapshotWriter writer(place_);
  std::uint64_t newest = 0;
  {
    std::unique_lock structure(structure_);
    saving_.begin();
    newest = MemoryTable::newestNumber();
  }
  const AtEnd over([this] { saving_.end(); });
  writeNames(writer);
  writeTables(writer, newest);
  writeItems(writer);
  if (saving_.hasMissed()) throw std::bad_alloc();
  writer.finish();
}

void Saver::writeNames(SnapshotWriter& writer) {
  std::string last;
  do {
    {
      std::shared_lock structure(structure_);
      last = catalog_.save(last, kNamesAtOnce);
    }
    for (const std::string& frame : saving_.takeNames()) writer.add(frame);
  } while (!last.empty());
}

void Saver::writeTables(SnapshotWriter& writer, std::uint64_t newest) {
  std::set<std::uint64_t> done;
  std::string after;
  for (bool isRoundEmpty = true;;) {
    std::optional<TableName> next;
    {
      std::shared_lock structure(structure_);
      next = nextTable(catalog_, after, newest, done);
    }
    if (!next && isRoundEmpty) return;
    isRoundEmpty = !next;
    after = next ? next->path : "";
    if (next && writeTable(writer, next->path, next->number)) done.insert(next->number);
  }
}

// False when it is no longer under that path.
bool Saver::writeTable(SnapshotWriter& writer, const std::string& path, std::uint64_t number) {
  for (std::optional<std::uint64_t> from = 0; from;) {
    {
      std::shared_lock structure(structure_);
      MemoryHash* const hash = catalog_.hash(path);
      if (!hash || hash->table.number() != number) return false;
      from = hash->table.save(*from);
    }
    writeItems(writer);
  }
  return true;
}

void Saver::writeItems(SnapshotWriter& writer) {
  const Saving::Items items = saving_.takeItems();
  for (const std::string& frame : items.frames) writer.add(frame);
  for (const auto& [number, segments] : items.shards)
    for (const auto& segment : segments) {
      if (!saving_.awaits(segment->savedIn)) continue;
      segment->savedIn = saving_.current();
      writer.add(itemsFrame(number, *segment));
    }
}

}  // namespace hexpage
