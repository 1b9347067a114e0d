#include "binary/marks.hpp"

#include "binary/frame.hpp"
#include "support/byte_order.hpp"

namespace hexpage::kv {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

Mark decode(std::string_view body) {
  Mark mark{{load<std::uint64_t>(body.data())}, {}};
  for (std::size_t at = kWord; at < body.size(); at += kWord)
    mark.segments.push_back(load<std::uint64_t>(body.data() + at));
  return mark;
}

}  // namespace

std::string encode(const Mark& mark) {
  std::string body(kWord * (1 + mark.segments.size()), '\0');
  store(body.data(), mark.durable.value);
  for (std::size_t i = 0; i < mark.segments.size(); ++i)
    store(body.data() + kWord * (i + 1), mark.segments[i]);
  return body;
}

void forEachMark(const Segment& segment, std::uint64_t from,
                 const std::function<void(Lsn at, const Mark&)>& each) {
  const std::string_view all(segment.data(), segment.fileBytes());
  const char known[] = {static_cast<char>(kFrameMagic), kCommit | kMark, 0, 0};
  const std::string_view pattern(known, sizeof known);
  for (std::size_t found = all.find(pattern, from + kFrameMagicAt); found != all.npos;
       found = all.find(pattern, found + 1)) {
    const std::uint64_t at = found - kFrameMagicAt;
    const Frame frame = readFrame(all.substr(at), segment.header().salt, at);
    const std::size_t bytes = frame.body.size();
    if (frame.state == FrameState::Whole && bytes != 0 && bytes % kWord == 0)
      each(Lsn::of(segment.number(), at), decode(frame.body));
  }
  segment.requireReadable();
}

}  // namespace hexpage::kv
