#include "filesystem/journal_pair.hpp"

#include <algorithm>
#include <cerrno>
#include <hexpage/error.hpp>
#include <random>
#include <utility>

#include "support/beneath.hpp"
#include "support/bytes.hpp"

namespace hexpage {
namespace {

// The body of a Begin frame.
struct Beginning {
  std::uint64_t turn = 0;
  // Where the turn before ended, and the generation of its file: until it is given up. 0, 0 when
  // there was none.
  std::uint64_t end = 0;
  std::uint64_t generation = 0;

  std::string encoded() const {
    std::string bytes;
    for (const std::uint64_t number : {turn, end, generation}) putU64(bytes, number);
    return bytes;
  }

  static Beginning decoded(std::string_view bytes) {
    ByteReader reader(bytes, "begin frame");
    const Beginning beginning{reader.u64(), reader.u64(), reader.u64()};
    reader.end();
    return beginning;
  }

  // Whether frames at the end of the turn before are lost.
  bool isBehindAGap(const Journal& before) const {
    return generation == before.generation() && end > before.end();
  }
};

std::uint64_t randomBits(unsigned bits) {
  std::random_device device;
  return (std::uint64_t{device()} << 32 | device()) >> (64 - bits);
}

// Of no turn when there is no such file, or no frame in it.
Beginning beginningOf(const Journal* file) {
  if (!file) return {};
  const std::optional<std::string> first = file->firstOf(Journal::Kind::Begin);
  return first ? Beginning::decoded(*first) : Beginning();
}

// In the other file, so odd.
std::uint64_t randomStep() { return randomBits(24) * 2 + 1; }

}  // namespace

std::string journalFile(std::uint32_t place, std::uint32_t half) {
  return ".hexpage/journals/" + std::to_string(place) + "." + std::to_string(half);
}

std::uint64_t journalIdentity(std::uint64_t store, std::uint32_t place, std::uint32_t half) {
  return store ^ (std::uint64_t{place} * 2 + half + 1) * 0x9e3779b97f4a7c15u;
}

JournalPair::JournalPair(int directory, std::uint32_t place, std::uint64_t store,
                         std::optional<LogPosition> noted, JournalAccess access, mode_t mode)
    : folderAndPlace_(".hexpage/journals/" + std::to_string(place)),
      noted_(noted),
      access_(access) {
  for (std::uint32_t i = 0; i < 2; ++i) {
    const std::string file = journalFile(place, i);
    struct stat status;
    if (access == JournalAccess::Read && statBeneath(directory, file, status) != 0 &&
        errno == ENOENT)
      continue;
    files_[i] =
        std::make_unique<Journal>(directory, file, journalIdentity(store, place, i), access, mode);
  }
}

void JournalPair::scan(const std::function<void(const Frame&)>& visit) {
  std::array<Beginning, 2> turns;
  for (std::size_t i = 0; i < 2; ++i) turns[i] = beginningOf(files_[i].get());
  std::size_t now = turns[0].turn > turns[1].turn ? 0 : 1;
  const std::size_t other = 1 - now;
  scan(other, turns[other].turn, visit);
  // A loss of power may take the end of a turn, or all of it, and leave what came after it.
  if (files_[other] && turns[now].isBehindAGap(*files_[other])) {
    scan(now, turns[now].turn, [](const Frame&) {});
    if (access_ != JournalAccess::Read) files_[now]->restart();
    turns[now] = {};
    now = other;
  } else {
    scan(now, turns[now].turn, visit);
  }
  turn_ = turns[now].turn;
  lastTurn_ = turns[1 - now].turn;
  // Where there is no frame, nothing can be taken for newer than it is.
  if (turn_ != 0) checkNoted();
  if (turn_ == 0 && access_ != JournalAccess::Read) {
    turn_ = (noted_ ? noted_->turn : 0) + randomBits(40);
    of(turn_).append(Journal::Kind::Begin, Beginning{turn_, 0, 0}.encoded());
  }
}

void JournalPair::scan(std::size_t half, std::uint64_t turn,
                       const std::function<void(const Frame&)>& visit) {
  if (!files_[half]) return;
  files_[half]->scan([&](const Journal::Frame& frame) {
    visit({frame.kind, {turn, frame.begin}, {turn, frame.end}, frame.body, frame.bodyChecksum});
  });
}

std::string JournalPair::bodyOf(const Frame& frame) const {
  return of(frame.begin.turn).bodyOf(frame.begin.offset, frame.end.offset, frame.bodyChecksum);
}

void JournalPair::checkNoted() const {
  if (!noted_ || *noted_ <= end()) return;
  throw Error(Code::Corrupt,
              folderAndPlace_ + ".0 and " + folderAndPlace_ +
                  ".1: they end before what they had on disk, so one of them is an old "
                  "version that was put back. Put back the newest, or move both away to do without "
                  "the commits that they hold");
}

LogPosition JournalPair::append(Journal::Kind kind, std::span<const std::string_view> parts) {
  const std::uint64_t turn = turn_;
  return {turn, of(turn).append(kind, parts)};
}

LogPosition JournalPair::appendToLastTurn(Journal::Kind kind,
                                          std::span<const std::string_view> parts) {
  const std::uint64_t turn = lastTurn_;
  return {turn, of(turn).append(kind, parts)};
}

LogPosition JournalPair::end() const {
  const std::uint64_t turn = turn_;
  return {turn, of(turn).end()};
}

std::vector<LogPosition> JournalPair::ends() const {
  std::vector<LogPosition> ends{end()};
  if (lastTurn_ != 0) ends.push_back({lastTurn_, of(lastTurn_).end()});
  return ends;
}

// The turn before is to be on disk first: a batch never outlives one before it.
void JournalPair::sync(LogPosition position) {
  const std::uint64_t last = lastTurn_;
  if (last != 0 && last < position.turn) of(last).sync();
  of(position.turn).sync(position.offset);
}

std::optional<LogPosition> JournalPair::noteSynced() noexcept {
  for (const auto& file : files_) file->noteSynced();
  for (const std::uint64_t turn : {turn_.load(), lastTurn_.load()})
    if (turn != 0)
      if (const auto synced = of(turn).syncedFrames()) return LogPosition{turn, *synced};
  return std::nullopt;
}

std::uint64_t JournalPair::size() const { return of(turn_).size(); }

bool JournalPair::keepsLastTurn() const { return lastTurn_ != 0; }

void JournalPair::giveUpLastTurn(std::uint64_t keptBytes) {
  of(turn_ + 1).restart(keptBytes);
  lastTurn_ = 0;
}

void JournalPair::beginTurn() {
  const LogPosition before = end();
  const std::uint64_t next = before.turn + randomStep();
  const Beginning beginning{next, before.offset, of(before.turn).generation()};
  of(next).append(Journal::Kind::Begin, beginning.encoded());
  lastTurn_ = before.turn;
  turn_ = next;
}

}  // namespace hexpage
