#include "filesystem/journal_pair.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <iterator>
#include <utility>

namespace hexpage {
namespace {

std::string encoded(std::uint64_t turn) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(turn >> (8 * i));
  return bytes;
}

std::uint64_t decoded(std::string_view bytes) {
  if (bytes.size() != 8) throw Error(Code::Corrupt, "a journal's turn of no number");
  std::uint64_t turn = 0;
  for (int i = 8; i-- > 0;) turn = turn << 8 | static_cast<unsigned char>(bytes[i]);
  return turn;
}

}  // namespace

JournalPair::JournalPair(int directory, std::uint32_t place, std::uint64_t store) {
  for (std::uint32_t i = 0; i < 2; ++i)
    files_[i] = std::make_unique<Journal>(
        directory, ".hexpage/journals/" + std::to_string(place) + "." + std::to_string(i),
        store ^ (std::uint64_t{place} * 2 + i + 1) * 0x9e3779b97f4a7c15u);
}

std::vector<JournalPair::Frame> JournalPair::scan() {
  std::array<std::vector<Frame>, 2> frames;
  std::array<std::uint64_t, 2> turns{};
  for (std::size_t i = 0; i < 2; ++i)
    files_[i]->scan([&](const Journal::Frame& frame) {
      if (frame.kind == Journal::Kind::Begin) turns[i] = decoded(frame.body);
      frames[i].push_back(
          {frame.kind, {turns[i], frame.begin}, {turns[i], frame.end}, std::string(frame.body)});
    });
  turn_ = std::max(turns[0], turns[1]);
  if (turn_ == 0) begin(turn_ = 1);
  const std::size_t first = turns[0] < turns[1] ? 0 : 1;
  std::vector<Frame> all = std::move(frames[first]);
  std::move(frames[1 - first].begin(), frames[1 - first].end(), std::back_inserter(all));
  return all;
}

void JournalPair::begin(std::uint64_t turn) {
  of(turn).append(Journal::Kind::Begin, encoded(turn));
}

LogPosition JournalPair::append(Journal::Kind kind, std::span<const std::string_view> parts) {
  const std::uint64_t turn = turn_;
  return {turn, of(turn).append(kind, parts)};
}

LogPosition JournalPair::appendToLastTurn(Journal::Kind kind,
                                          std::span<const std::string_view> parts) {
  const std::uint64_t turn = turn_ - 1;
  return {turn, of(turn).append(kind, parts)};
}

LogPosition JournalPair::end() const {
  const std::uint64_t turn = turn_;
  return {turn, of(turn).end()};
}

// The turn before is to be on disk first: a batch never outlives one before it.
void JournalPair::sync(LogPosition position) {
  if (position.turn > 1) of(position.turn - 1).sync();
  of(position.turn).sync(position.offset);
}

std::uint64_t JournalPair::size() const { return of(turn_).size(); }

bool JournalPair::keepsLastTurn() const { return of(turn_ + 1).size() > 0; }

void JournalPair::giveUpLastTurn() { of(turn_ + 1).restart(); }

void JournalPair::beginTurn() {
  const std::uint64_t next = turn_ + 1;
  begin(next);
  turn_ = next;
}

}  // namespace hexpage
