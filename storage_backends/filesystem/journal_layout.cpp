#include "filesystem/journal_layout.hpp"

#include "support/bytes.hpp"
#include "support/checksum.hpp"

namespace hexpage {
namespace {

constexpr std::string_view kMagic = "hexpjrnl";

}  // namespace

std::string JournalHeader::slot(std::uint64_t identity) const {
  std::string bytes(kMagic);
  putU32(bytes, format);
  putU32(bytes, 0);
  putU64(bytes, generation);
  putU64(bytes, base);
  putU64(bytes, hexpage::checksum(bytes, identity));
  return bytes;
}

std::optional<JournalHeader> JournalHeader::parse(std::string_view slot, std::uint64_t identity) {
  if (slot.size() < kSlotBytes || !slot.starts_with(kMagic)) return std::nullopt;
  ByteReader reader(slot.substr(kMagic.size(), kSlotBytes - kMagic.size()), "journal header");
  JournalHeader header;
  header.format = reader.u32();
  reader.u32();
  header.generation = reader.u64();
  header.base = reader.u64();
  if (reader.u64() != hexpage::checksum(slot.substr(0, kSlotBytes - 8), identity))
    return std::nullopt;
  return header;
}

std::string noteOf(std::uint64_t position, std::uint64_t seed) {
  std::string bytes;
  putU64(bytes, position);
  putU64(bytes, checksum(bytes, seed));
  return bytes;
}

std::optional<std::uint64_t> parseNote(std::string_view bytes, std::uint64_t seed) {
  if (bytes.size() < kNoteBytes) return std::nullopt;
  ByteReader reader(bytes.substr(0, kNoteBytes), "journal note");
  const std::uint64_t position = reader.u64();
  if (reader.u64() != checksum(bytes.substr(0, 8), seed)) return std::nullopt;
  return position;
}

std::array<char, kFrameHeaderBytes> FrameHeader::bytes() const {
  std::array<char, kFrameHeaderBytes> bytes;
  store(bytes.data(), prefix());
  store(bytes.data() + 8, checksum);
  return bytes;
}

FrameHeader FrameHeader::parse(std::string_view bytes) {
  ByteReader reader(bytes, "journal frame");
  FrameHeader header;
  header.length = reader.u32();
  const std::uint32_t word = reader.u32();
  header.kind = static_cast<std::uint8_t>(word & 0xff);
  header.session = word >> 8;
  header.checksum = reader.u64();
  return header;
}

std::uint64_t FramePlace::checksum(const FrameHeader& header, std::uint64_t bodyChecksum) const {
  std::array<char, 48> covered;
  char* at = covered.data();
  for (const std::uint64_t value :
       {previous, position, identity, generation, header.prefix(), bodyChecksum}) {
    store(at, value);
    at += 8;
  }
  return hexpage::checksum(std::string_view(covered.data(), covered.size()));
}

}  // namespace hexpage
