#include "binary/frame_check.hpp"

#include <algorithm>
#include <cstring>
#include <hexpage/error.hpp>
#include <optional>

#include "binary/frame.hpp"

namespace hexpage::kv {
namespace {

// A frame of more has one record only, which begins right behind its header.
constexpr std::uint64_t kFarthest = kFrameHeaderBytes + kFrameBodyTarget;

struct Found {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// The whole frame with this byte in its body. Nothing leads there but the checksum, which is tied
// to the frame's place: going back, whatever looks like a header is tried. What a value has that
// looks like one is not of this place.
std::optional<Found> frameAround(const Segment& segment, std::uint64_t offset) {
  if (offset < kSegmentHeaderBytes + kFrameHeaderBytes || offset >= segment.written())
    return std::nullopt;
  std::uint64_t least = kSegmentHeaderBytes;
  if (offset > least + kFarthest) least = offset - kFarthest;
  const char* const data = segment.data();
  // Of the last place where a header can begin, and of all before it.
  std::uint64_t end = offset - kFrameHeaderBytes + kFrameMagicAt + 1;
  while (end > least + kFrameMagicAt) {
    const std::uint64_t first = least + kFrameMagicAt;
    const auto* const magic =
        static_cast<const char*>(::memrchr(data + first, kFrameMagic, end - first));
    if (magic == nullptr) break;
    end = static_cast<std::uint64_t>(magic - data);
    const std::uint64_t begin = end - kFrameMagicAt;
    const std::string_view bytes = segment.from(begin);
    const Frame frame = trustFrame(bytes);
    const std::uint64_t frameEnd = begin + kFrameHeaderBytes + frame.body.size();
    if (frame.state != FrameState::Whole || frameEnd <= offset) continue;
    if (readFrame(bytes, segment.header().salt, begin).state == FrameState::Whole)
      return Found{begin, frameEnd};
  }
  return std::nullopt;
}

// When all that is in a page is whole, no other record there has to be looked at. Looks at what is
// in the page of the known frame, and on up to `end`.
void notePages(const Segment& segment, std::uint64_t offset, std::uint64_t end, Found known) {
  const std::uint64_t page = offset / kCheckedPage * kCheckedPage;
  const std::uint64_t first = std::max<std::uint64_t>(page, kSegmentHeaderBytes);
  const std::uint64_t last = std::min(std::max(page + kCheckedPage, end), segment.written());
  while (known.begin > first) {
    const auto before = frameAround(segment, known.begin - 1);
    if (!before || before->end != known.begin) break;
    known.begin = before->begin;
  }
  while (known.end < last) {
    const Frame next = readFrame(segment.from(known.end), segment.header().salt, known.end);
    if (next.state != FrameState::Whole) break;
    known.end += kFrameHeaderBytes + next.body.size();
  }
  segment.requireReadable();
  segment.noteChecked(known.begin, known.end);
}

Found requireFrame(const Segment& segment, std::uint64_t offset) {
  const auto found = frameAround(segment, offset);
  segment.requireReadable();
  if (!found)
    throw Error(Code::Corrupt, segment.file() + ": the frame around byte " +
                                   std::to_string(offset) +
                                   " is damaged; `hexpage repair` saves what can be read");
  return *found;
}

}  // namespace

void checkFrame(const Segment& segment, std::uint64_t offset) { requireFrame(segment, offset); }

void checkPage(const Segment& segment, std::uint64_t offset) {
  const std::uint64_t end = segment.readAround(offset);
  notePages(segment, offset, end, requireFrame(segment, offset));
}

}  // namespace hexpage::kv
