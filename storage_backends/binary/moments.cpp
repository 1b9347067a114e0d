// Names of moments: the store, the end of the log then, and the checksum of the frame before it. By
// the last a moment is not taken for one of another past, as of a copy of the store that was put
// back and written to since.
#include <charconv>

#include "binary/store.hpp"
#include "support/digest.hpp"

namespace hexpage::kv {
namespace {

// 16 digits a number.
std::string inHex(std::uint64_t number) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[number >> shift & 15];
  return text;
}

std::optional<std::uint64_t> fromHex(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number, 16);
  if (error != std::errc() || end != text.end()) return std::nullopt;
  return number;
}

}  // namespace

std::string Store::nameOf(Lsn end) const {
  const Segment* const segment = log_->find(end.segment());
  if (segment == nullptr || segment->written() < end.offset()) return {};
  std::uint64_t check = segment->header().salt;  // before the first frame
  FrameReader reader(*log_, Lsn::of(end.segment(), kSegmentHeaderBytes), end);
  while (const auto found = reader.next()) check = found->frame.header.check;
  if (reader.at() != end) return {};
  return inHex(log_->settings().store) + inHex(end.value) + inHex(check);
}

bool Store::eachChange(std::string_view moment, Lsn end,
                       const std::function<void(TreeId, std::string_view)>& each) const {
  const auto from = moment.size() == 48 ? fromHex(moment.substr(16, 16)) : std::nullopt;
  if (!from || Lsn{*from} > end || nameOf({*from}) != moment) return false;
  FrameReader reader(*log_, {*from}, end);
  while (const auto found = reader.next()) {
    if ((found->frame.header.flags & (kMark | kMoved)) != 0) continue;
    forEachRecord(*found, segmentFile(found->at.segment()),
                  [&](const Record& record, Address) { each(record.tree, record.key); });
  }
  return reader.at() >= end;
}

}  // namespace hexpage::kv
