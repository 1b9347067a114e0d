#include "binary/frame.hpp"

#include <cstring>

#include "support/byte_order.hpp"
#include "support/checksum.hpp"

namespace hexpage::kv {
namespace {

// bodyBytes u32, magic u8, flags u8, zero u16
std::uint64_t headWord(std::uint32_t bodyBytes, std::uint8_t flags) {
  return bodyBytes | std::uint64_t{kFrameMagic} << 8 * kFrameMagicAt | std::uint64_t{flags} << 40;
}

std::uint64_t placeCheck(std::uint64_t head, std::uint64_t hash, std::uint64_t salt,
                         std::uint64_t offset) {
  char words[16];
  store(words, head);
  store(words + 8, hash);
  return checksum(std::string_view(words, sizeof words), salt + offset);
}

bool isZero(std::string_view bytes) {
  for (const char byte : bytes)
    if (byte != 0) return false;
  return true;
}

}  // namespace

std::uint64_t bodyHash(std::string_view body) { return checksum(body); }

void writeFrameHeader(char* out, std::uint8_t flags, std::string_view body, std::uint64_t hash,
                      std::uint64_t salt, std::uint64_t offset) {
  const std::uint64_t head = headWord(static_cast<std::uint32_t>(body.size()), flags);
  store(out, head);
  store(out + 8, placeCheck(head, hash, salt, offset));
}

void writeFrameHead(char* out, std::uint8_t flags, std::size_t bodyBytes) {
  store(out, headWord(static_cast<std::uint32_t>(bodyBytes), flags));
}

void writeChecks(std::string& frames, std::uint64_t salt, std::uint64_t offset) {
  for (std::size_t at = 0; at < frames.size();) {
    const auto head = load<std::uint64_t>(frames.data() + at);
    const std::string_view body =
        std::string_view(frames).substr(at + kFrameHeaderBytes, static_cast<std::uint32_t>(head));
    store(frames.data() + at + 8, placeCheck(head, bodyHash(body), salt, offset + at));
    at += kFrameHeaderBytes + body.size();
  }
}

Frame trustFrame(std::string_view bytes) {
  Frame frame;
  const std::string_view head = bytes.substr(0, kFrameHeaderBytes);
  if (isZero(head)) return frame;
  frame.state = FrameState::Torn;
  if (head.size() < kFrameHeaderBytes) return frame;
  const auto word = load<std::uint64_t>(head.data());
  frame.header.bodyBytes = static_cast<std::uint32_t>(word);
  frame.header.flags = static_cast<std::uint8_t>(word >> 40);
  frame.header.check = load<std::uint64_t>(head.data() + 8);
  if (word != headWord(frame.header.bodyBytes, frame.header.flags)) return frame;
  if (frame.header.bodyBytes > bytes.size() - kFrameHeaderBytes) return frame;
  frame.body = bytes.substr(kFrameHeaderBytes, frame.header.bodyBytes);
  frame.state = FrameState::Whole;
  return frame;
}

Frame readFrame(std::string_view bytes, std::uint64_t salt, std::uint64_t offset) {
  Frame frame = trustFrame(bytes);
  if (frame.state != FrameState::Whole) return frame;
  const std::uint64_t head = headWord(frame.header.bodyBytes, frame.header.flags);
  if (placeCheck(head, bodyHash(frame.body), salt, offset) != frame.header.check)
    frame.state = FrameState::Torn;
  return frame;
}

}  // namespace hexpage::kv
