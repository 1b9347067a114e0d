#include "binary/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>
#include <random>

#include "binary/frame.hpp"
#include "filesystem/posix.hpp"

namespace hexpage::kv {
namespace {

std::uint64_t randomSalt() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

Log::Log(const LogSettings& settings, Reclaimer& reclaimer)
    : settings_(settings),
      room_(settings.directory, settings.path, settings.segmentBytes),
      reclaimer_(reclaimer),
      byResidue_(std::make_unique<std::array<std::atomic<Segment*>, kMaxSegments>>()) {}

Log::~Log() {
  for (Segment* segment : segments_) delete segment;
}

void Log::throwNoRecord(Address address) const {
  const Segment* const segment = (*byResidue_)[residueAt(address)].load();
  const std::string file = segment == nullptr ? "a segment that is not there" : segment->file();
  throw Error(Code::Corrupt, file + ": there is no record at byte " +
                                 std::to_string(offsetAt(address)) +
                                 "; `hexpage verify` says what is damaged");
}

Segment* Log::find(std::uint64_t number) const {
  Segment* const segment = (*byResidue_)[residueOf(number)].load(std::memory_order_acquire);
  return segment != nullptr && segment->number() == number ? segment : nullptr;
}

Segment* Log::after(std::uint64_t number) const {
  const std::scoped_lock lock(mutex_);
  const auto later = [](std::uint64_t n, const Segment* segment) { return n < segment->number(); };
  const auto it = std::upper_bound(segments_.begin(), segments_.end(), number, later);
  return it == segments_.end() ? nullptr : *it;
}

std::vector<Segment*> Log::segments() const {
  const std::scoped_lock lock(mutex_);
  return segments_;
}

// For one more, so that a file is made only when it can be listed.
void Log::makeRoom() {
  const std::scoped_lock lock(mutex_);
  if (segments_.size() == segments_.capacity()) segments_.reserve(2 * segments_.size() + 1);
}

// By who holds the list's lock.
void Log::findLast() { last_ = segments_.empty() ? nullptr : segments_.back(); }

void Log::add(std::unique_ptr<Segment> segment) {
  const std::scoped_lock lock(mutex_);
  auto& place = (*byResidue_)[residueOf(segment->number())];
  if (place.load() != nullptr)
    throw Error(Code::Corrupt,
                segment->file() + " and " + place.load()->file() + " can not both be in one store");
  if (!segments_.empty() && segments_.back()->number() > segment->number())
    throw Error(Code::Corrupt, segment->file() + " came up behind a later segment");
  segments_.push_back(segment.get());
  lastTree = std::max(lastTree.load(), segment->header().lastTree);
  place.store(segment.release(), std::memory_order_release);
  findLast();
}

bool Log::open(std::uint64_t number) {
  auto segment = Segment::open(settings_.directory, number, settings_.isWritable);
  if (!segment) return false;
  if (segment->header().store != settings_.store)
    throw Error(Code::Corrupt, segment->file() + " belongs to another store");
  add(std::move(segment));
  return true;
}

// How many bytes may get their blocks beside those that must.
std::uint64_t Log::aheadOf(std::uint64_t missing, Use use) const {
  const std::uint64_t ahead = Segment::ahead(settings_.zeroAhead);
  if (room_.has(missing + ahead, Use::Growth)) return ahead;
  room_.require(missing, use);
  return 0;
}

Segment& Log::begin(std::uint64_t frameBytes, Use use) {
  room_.require(kSegmentHeaderBytes, use);
  const Segment* const before = last();
  SegmentHeader header;
  header.store = settings_.store;
  header.hashSeed = settings_.hashSeed;
  header.lastTree = lastTree;
  header.salt = randomSalt();
  header.capacity = std::max(room_.segmentBytes(), kSegmentHeaderBytes + frameBytes + kSealBytes);
  header.number = before == nullptr ? 1 : before->number() + 1;
  for (std::uint64_t tried = 0; (*byResidue_)[residueOf(header.number)].load() != nullptr;
       ++header.number)
    if (++tried == kMaxSegments)
      throw Error(Code::NoSpace, "the log has 16384 segments, the most a store can have");
  makeRoom();
  auto segment = Segment::create(settings_.directory, header, settings_.fileMode);
  Segment& begun = *segment;
  add(std::move(segment));
  return begun;
}

void Log::remove(std::uint64_t number) {
  const std::string file = segmentFile(number);
  if (::unlinkat(settings_.directory, file.c_str(), 0) != 0 && errno != ENOENT)
    throwSystem("remove", file);
  forget(number);
}

void Log::forget(std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  const auto it = std::find_if(segments_.begin(), segments_.end(),
                               [&](const Segment* s) { return s->number() == number; });
  if (it == segments_.end()) return;
  Segment* const segment = *it;
  segments_.erase(it);
  findLast();
  reclaimer_.retire([this, segment] {
    (*byResidue_)[residueOf(segment->number())].store(nullptr, std::memory_order_release);
    delete segment;
  });
}

void Log::leaveOut(Lsn end) {
  const std::scoped_lock lock(mutex_);
  for (; segments_.back()->number() > end.segment(); segments_.pop_back()) {
    (*byResidue_)[residueOf(segments_.back()->number())] = nullptr;
    delete segments_.back();
  }
  segments_.back()->setWritten(end.offset());
  findLast();
}

// The names go for good before others are made: an old segment must not come back, after a loss of
// power, in the place of a new one.
void Log::cut(Lsn end) {
  bool hasRemoved = false;
  for (Segment* segment = last(); segment != nullptr && segment->number() > end.segment();
       segment = last()) {
    remove(segment->number());
    hasRemoved = true;
  }
  if (hasRemoved) syncFolder(settings_.directory, "");
  if (Segment* const segment = last()) segment->cut(end.offset());
}

}  // namespace hexpage::kv
