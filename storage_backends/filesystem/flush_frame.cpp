#include "filesystem/flush_frame.hpp"

#include <limits>

#include "support/bytes.hpp"

namespace hexpage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kIsNamed = 0x80;
constexpr std::uint8_t kHasChildren = 0x40;
constexpr std::uint8_t kReplaces = 0x20;

std::uint8_t numberOf(RecordWrite::Kind kind) {
  switch (kind) {
    case RecordWrite::Kind::Text:
      return 1;
    case RecordWrite::Kind::Move:
      return 2;
    case RecordWrite::Kind::Removal:
      return 3;
  }
  return 0;  // there is no other
}

RecordWrite::Kind kindOf(std::uint8_t number, const ByteReader& reader) {
  for (const auto kind :
       {RecordWrite::Kind::Text, RecordWrite::Kind::Move, RecordWrite::Kind::Removal})
    if (numberOf(kind) == number) return kind;
  reader.refuse("a write of the unknown kind " + std::to_string(number));
}

void readVersion(ByteReader& reader) {
  if (const int version = reader.byte(); version != kVersion)
    reader.refuse("version " + std::to_string(version) + "; this hexpage knows " +
                  std::to_string(kVersion));
}

// Each thing that is counted takes a byte or more: a count that is a lie reserves nothing.
std::uint64_t readCount(ByteReader& reader) {
  const std::uint64_t count = reader.varint();
  if (count > reader.left()) reader.refuse(std::to_string(count) + " entries in too few bytes");
  return count;
}

void putCovers(std::string& out, std::span<const Covered> covered) {
  putVarint(out, covered.size());
  for (const Covered& one : covered) {
    putVarint(out, one.journal);
    putU64(out, one.turn);
    putVarint(out, one.upTo);
  }
}

void putChildren(std::string& out, std::uint16_t children) {
  out += static_cast<char>(children);
  out += static_cast<char>(children >> 8);
}

std::uint16_t readChildren(ByteReader& reader) {
  const std::uint16_t low = reader.byte();
  return static_cast<std::uint16_t>(low | reader.byte() << 8);
}

std::vector<Covered> readCovers(ByteReader& reader) {
  std::vector<Covered> covered(readCount(reader));
  for (Covered& one : covered) {
    const std::uint64_t journal = reader.varint();
    if (journal > std::numeric_limits<std::uint32_t>::max())
      reader.refuse("journal number " + std::to_string(journal));
    one.journal = static_cast<std::uint32_t>(journal);
    one.turn = reader.u64();
    one.upTo = reader.varint();
  }
  return covered;
}

bool tellsReplaced(const RecordWrite& write) {
  return write.replaces && !(*write.replaces && (*write.replaces)->isPending());
}

void putReplaced(std::string& out, const VersionPtr& version) {
  putVarint(out, version ? version->stamp().inode : 0);
  if (!version) return;
  putU64(out, static_cast<std::uint64_t>(version->stamp().modifiedNanos));
  putVarint(out, version->stamp().size);
}

VersionPtr readReplaced(ByteReader& reader) {
  Stamp stamp;
  stamp.inode = reader.varint();
  if (stamp.inode == 0) return nullptr;
  stamp.modifiedNanos = static_cast<std::int64_t>(reader.u64());
  stamp.size = reader.varint();
  return std::make_shared<const Version>(stamp);
}

FlushHead readHead(ByteReader& reader) {
  readVersion(reader);
  FlushHead head;
  head.stamp = reader.u64();
  head.coversUpTo = reader.varint();
  head.covered = readCovers(reader);
  head.told = reader.text();
  return head;
}

}  // namespace

FlushParts::FlushParts(const FlushHead& head, std::span<const RecordWrite> writes) {
  head_ += static_cast<char>(kVersion);
  putU64(head_, head.stamp);
  putVarint(head_, head.coversUpTo);
  putCovers(head_, head.covered);
  putText(head_, head.told);
  putVarint(head_, writes.size());
  parts_.emplace_back();  // the head's place
  for (const RecordWrite& write : writes) {
    head_ += static_cast<char>(numberOf(write.kind) | (write.isNamed ? kIsNamed : 0) |
                               (write.children ? kHasChildren : 0) |
                               (tellsReplaced(write) ? kReplaces : 0));
    putText(head_, write.path);
    if (write.children) putChildren(head_, *write.children);
    if (write.kind == RecordWrite::Kind::Move) putText(head_, write.content.view());
    if (write.kind == RecordWrite::Kind::Text) {
      putVarint(head_, write.content.size());
      parts_.push_back(write.content.view());
    }
    if (tellsReplaced(write)) putReplaced(head_, *write.replaces);
  }
  parts_[0] = head_;
  for (const std::string_view part : parts_) size_ += part.size();
}

FlushHead decodeFlushHead(std::string_view body) {
  ByteReader reader(body, "flush frame");
  return readHead(reader);
}

FlushFrame decodeFlush(std::string_view body) {
  ByteReader reader(body, "flush frame");
  FlushFrame frame{readHead(reader), {}};
  frame.writes.resize(readCount(reader));
  std::vector<std::uint64_t> sizes;  // of the texts, in their order
  for (RecordWrite& write : frame.writes) {
    const std::uint8_t first = reader.byte();
    write.kind = kindOf(first & ~(kIsNamed | kHasChildren | kReplaces), reader);
    write.isNamed = first & kIsNamed;
    write.path = reader.text();
    if (first & kHasChildren) write.children = readChildren(reader);
    if (write.kind == RecordWrite::Kind::Move) write.content = std::string(reader.text());
    if (write.kind == RecordWrite::Kind::Text) sizes.push_back(reader.varint());
    if (first & kReplaces) write.replaces = readReplaced(reader);
  }
  auto size = sizes.begin();
  for (RecordWrite& write : frame.writes)
    if (write.kind == RecordWrite::Kind::Text) write.content = std::string(reader.take(*size++));
  reader.end();
  return frame;
}

std::string encodePlaced(std::uint64_t stamp) {
  std::string body;
  putU64(body, stamp);
  return body;
}

std::uint64_t decodePlaced(std::string_view body) {
  ByteReader reader(body, "placed frame");
  const std::uint64_t stamp = reader.u64();
  reader.end();
  return stamp;
}

std::string encodeCovers(std::span<const Covered> covered) {
  std::string body(1, static_cast<char>(kVersion));
  putCovers(body, covered);
  return body;
}

std::vector<Covered> decodeCovers(std::string_view body) {
  ByteReader reader(body, "covers frame");
  readVersion(reader);
  std::vector<Covered> covered = readCovers(reader);
  reader.end();
  return covered;
}

}  // namespace hexpage
