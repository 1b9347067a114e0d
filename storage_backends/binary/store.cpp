#include "binary/store.hpp"

#include <hexpage/error.hpp>
#include <new>
#include <optional>

#include "binary/applying.hpp"

namespace hexpage::kv {
namespace {

constexpr std::size_t kAhead = 16;  // changes between a prefetch and its use
constexpr unsigned kKeyLines = 2;   // of 64 bytes, of a record: usually the key is in them

}  // namespace

Store::~Store() {
  close();
  forgetDropped();
  reclaimer_.freeAll();
}

void Store::requireOpen() const {
  if (isClosed_.load(std::memory_order_relaxed))
    throw Error(Code::ReadOnly, path_ + ": the store is closed");
}

// Reads

Address Store::find(const Roots& roots, TreeId tree, std::uint64_t hash, std::string_view key,
                    std::string_view& value) const {
  return index_->lookUp(roots, tree, hash, [&](Address address) {
    log_->prefetch(address);
    const Record record = checkedRecord(address).record;
    if (record.key != key) return false;
    value = record.value;
    return true;
  });
}

bool Store::read(TreeId tree, std::string_view key, const Database::Reader& reader) {
  requireOpen();
  followPublished();
  const std::uint64_t hash = hashOf(key);
  const EpochGuard guard;
  std::string_view value;
  const Address address = find(index_->roots(), tree, hash, key, value);
  if (address == 0) return false;
  reader(value);
  log_->segmentAt(address).requireReadable();
  return true;
}

std::optional<std::string> Store::get(TreeId tree, std::string_view key) {
  std::optional<std::string> found;
  read(tree, key, [&](std::string_view value) { found.emplace(value); });
  return found;
}

bool Store::contains(TreeId tree, std::string_view key) {
  requireOpen();
  followPublished();
  const EpochGuard guard;
  return index_->find(tree, hashOf(key), key) != 0;
}

std::optional<std::string> Store::get(const Roots& roots, TreeId tree, std::string_view key) {
  std::string_view found;
  const Address address = find(roots, tree, hashOf(key), key, found);
  if (address == 0) return std::nullopt;
  std::string value(found);
  log_->segmentAt(address).requireReadable();
  return value;
}

// Reads again when changes were applied meanwhile, so that all values are from one moment; when
// that never ends, from a snapshot.
std::vector<std::optional<std::string>> Store::getMany(TreeId tree,
                                                       std::span<const std::string_view> keys) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(keys.size());
  for (const std::string_view key : keys) hashes.push_back(hashOf(key));
  std::vector<std::optional<std::string>> found;
  found.reserve(keys.size());
  look([&](const View& view) {
    const Roots& roots = view.roots_;
    found.clear();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i + kAhead < keys.size()) index_->prefetch(roots, tree, hashes[i + kAhead]);
      if (i + kAhead / 2 < keys.size())
        if (const Address soon = index_->guess(roots, tree, hashes[i + kAhead / 2]))
          log_->prefetch(soon);
      std::string_view value;
      const Address address = find(roots, tree, hashes[i], keys[i], value);
      if (address == 0) {
        found.emplace_back();
        continue;
      }
      found.emplace_back(value);
      log_->segmentAt(address).requireReadable();
    }
  });
  return found;
}

std::uint64_t Store::count(TreeId tree) {
  requireOpen();
  followPublished();
  const EpochGuard guard;
  return index_->records(index_->roots(), tree);
}

std::shared_ptr<const Index::Snapshot> Store::snapshot() { return snapshotWithEnd().first; }

std::pair<std::shared_ptr<const Index::Snapshot>, Lsn> Store::snapshotWithEnd() {
  requireOpen();
  const std::scoped_lock lock(index_->mutex());
  followPublished();
  return {index_->snapshot(), Lsn{applied_.load()}};
}

// Writes

void Store::requireSizes(std::string_view key, const Pieces& value) {
  if (key.size() > kMaxKey)
    throw Error(Code::InvalidArgument, "a key of " + std::to_string(key.size()) +
                                           " bytes; the longest has " + std::to_string(kMaxKey));
  if (value.size() > kMaxValue)
    throw Error(Code::InvalidArgument, "a value of " + std::to_string(value.size()) +
                                           " bytes; the longest has " + std::to_string(kMaxValue));
}

LaneHold Store::beginWriting() {
  requireOpen();
  if (options_.readOnly) throw Error(Code::ReadOnly, path_ + " was opened only to be read");
  LaneHold hold(*lane_, options_.lockTimeout);
  if (hasFailed())
    throw Error(Code::ReadOnly,
                path_ + " takes no more writes until it is opened anew: " + failure());
  return hold;
}

void Store::set(TreeId tree, std::string_view key, const Pieces& value,
                const std::function<void()>& visible) {
  requireSizes(key, value);
  const std::uint64_t hash = hashOf(key);
  prefetch(tree, hash);
  const Record record{RecordKind::Set, tree, key, value.first, value.second};
  ReadyFrame frame(record);
  const Lsn end = withRoom(Use::Growth, [&] { return setOnce(record, hash, frame); });
  if (visible) visible();
  makeDurable(end);
}

Lsn Store::setOnce(const Record& record, std::uint64_t hash, ReadyFrame& frame) {
  const LaneHold hold = beginWriting();
  try {
    const Appender::Appended appended = appender_->append(frame);
    show(appended.end, 1, [&] { apply(record, hash, appended.record); });
    return appended.end;
  } catch (...) {
    rollback();
    throw;
  }
}

// What a put of the key looks at.
void Store::prefetch(TreeId tree, std::uint64_t hash) const {
  const EpochGuard guard;
  if (const Address there = index_->guess(index_->roots(), tree, hash))
    log_->prefetch(there, kKeyLines);
}

bool Store::erase(TreeId tree, std::string_view key) {
  const auto end = withRoom(Use::Removal, [&] { return eraseOnce(tree, key); });
  if (end) makeDurable(*end);
  return end.has_value();
}

// nullopt when there is no such record.
std::optional<Lsn> Store::eraseOnce(TreeId tree, std::string_view key) {
  const std::uint64_t hash = hashOf(key);
  const LaneHold hold = beginWriting();
  {
    const EpochGuard guard;
    if (index_->find(tree, hash, key) == 0) return std::nullopt;
  }
  appender_->begin(Use::Removal);
  try {
    const Address address = appender_->add({RecordKind::Erase, tree, key, {}});
    const Change change(hash, address, RecordKind::Erase, tree == 0);
    return commit({&change, 1}).end;
  } catch (...) {
    rollback();
    throw;
  }
}

Store::Committed Store::commit(std::span<const Change> changes, std::span<const TreeSize> sizes) {
  Committed committed{appender_->commit(), {}};
  show(committed.end, changes.size(), [&] { applyAll(changes, sizes, committed.counts); });
  return committed;
}

// Steps 4 and 5 of a transaction of so many changes, which `apply` makes in the index.
template <class Apply>
void Store::show(Lsn end, std::size_t changes, Apply apply) {
  {
    const std::scoped_lock lock(index_->mutex());
    std::optional<Applying> applying;
    if (changes > 1) applying.emplace(applying_);
    try {
      apply();
      applied_.store(end.value, std::memory_order_release);
    } catch (const std::bad_alloc&) {
      lane_->mistrust();
    } catch (...) {
      leaveToFollow(end);
      throw;
    }
  }
  publish(end);
  reclaimer_.collect();
}

void Store::applyAll(std::span<const Change> changes, std::span<const TreeSize> sizes,
                     Transaction::Counts& counts) {
  std::size_t i = 0;
  try {
    reserveFor(sizes);
    for (; i < changes.size(); ++i) {
      if (i + kAhead < changes.size() && changes[i + kAhead].isTreeZero())
        index_->prefetch(index_->roots(), 0, changes[i + kAhead].hash);
      const Transaction::Counts one = applyChange(changes[i]);
      if (!changes[i].isCounted()) continue;
      counts.added += one.added;
      counts.removed += one.removed;
    }
  } catch (const std::bad_alloc&) {
    countUnapplied(changes.subspan(i), counts);
    throw;
  }
}

// What they will come to, for who is told now; a key that is set twice counts twice.
void Store::countUnapplied(std::span<const Change> changes,
                           Transaction::Counts& counts) const noexcept {
  try {
    for (const Change& change : changes) {
      if (!change.isCounted()) continue;
      const Record record = log_->record(change.address()).record;
      if (record.kind == RecordKind::DropTree)
        counts.removed += index_->records(index_->roots(), record.tree);
      else
        counts.added += index_->find(record.tree, change.hash, record.key) == 0;
    }
  } catch (const std::exception&) {
  }
}

// What the log has, but the index only in part, is applied anew by whoever reads or writes next. By
// who holds the lane and the index's lock.
void Store::leaveToFollow(Lsn end) {
  publish(end);
  lane_->mistrust();
}

// Takes back what the appender has. What stays of it is cut off by who takes the lane next.
void Store::rollback() {
  try {
    appender_->rollback();
  } catch (...) {
    lane_->mistrust();
    throw;
  }
}

// A load into an empty tree would split every page many times.
void Store::reserveFor(std::span<const TreeSize> sizes) {
  for (const TreeSize& size : sizes) index_->reserve(size.tree, size.records);
}

// Reads the record only where the hash and the address do not say enough.
Transaction::Counts Store::applyChange(const Change& change) {
  if (change.kind() == RecordKind::Set && change.isTreeZero())
    return {.added = applySet(0, change.hash, change.address())};
  return apply(log_->record(change.address()).record, change.hash, change.address());
}

Transaction::Counts Store::apply(const Record& record, std::uint64_t hash, Address address) {
  Transaction::Counts counts;
  switch (record.kind) {
    case RecordKind::Set:
      counts.added = applySet(record.tree, hash, address, record.key);
      break;
    case RecordKind::Erase:
      countTombstone(address);
      if (const Address before = index_->erase(record.tree, hash, record.key)) countDead(before);
      break;
    case RecordKind::DropTree:
      countTombstone(address);
      counts.removed = drop(record.tree);
      break;
    case RecordKind::NewTree:
      break;
  }
  if (record.tree > log_->lastTree) log_->lastTree = record.tree;
  return counts;
}

// Whether the key is new.
bool Store::applySet(TreeId tree, std::uint64_t hash, Address address,
                     std::optional<std::string_view> key) {
  const Address before = index_->put(tree, hash, address, key);
  if (before != 0 && before != address) countDead(before);  // applied anew it is the same
  return before == 0;
}

void Store::countDead(Address address) {
  log_->segmentAt(address).deadBytes.fetch_add(log_->record(address).bytes,
                                               std::memory_order_relaxed);
}

void Store::countTombstone(Address address) {
  log_->segmentAt(address).tombstoneBytes.fetch_add(log_->record(address).bytes,
                                                    std::memory_order_relaxed);
}

void Store::publish(Lsn end) {
  shared_->page().committed.store(end.value, std::memory_order_release);
}

bool Store::hasFailed() const { return hasFailed_ || shared_->page().hasFailed != 0; }

std::string Store::failure() const {
  const std::scoped_lock lock(failureMutex_);
  return failure_.empty() ? "another process could not sync its log" : failure_;
}

void Store::fail(const std::string& why) {
  const std::scoped_lock lock(failureMutex_);
  if (failure_.empty()) failure_ = why;
  hasFailed_ = true;
}

}  // namespace hexpage::kv
