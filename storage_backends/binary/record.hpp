// One change as it stands in a frame of the log: a value set, a key erased, a tree made or dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "binary/varint.hpp"

namespace hexpage::kv {

enum class RecordKind : std::uint8_t { Set = 0, Erase = 1, DropTree = 2, NewTree = 3 };

struct Record {
  RecordKind kind = RecordKind::Set;
  std::uint64_t tree = 0;
  std::string_view key{};
  std::string_view value{};
  std::string_view rest{};  // of a value that is written in two pieces; else empty

  std::size_t valueBytes() const { return value.size() + rest.size(); }
};

// How many bytes appendRecord adds.
std::size_t recordBytes(const Record& record);
void appendRecord(std::string& out, const Record& record);
// The same into memory that has room for it.
void writeRecord(char* out, const Record& record);

struct ParsedRecord {
  Record record;  // views into the bytes
  std::size_t bytes = 0;
};

// The record at the beginning; nullopt when the bytes end before it does.
inline std::optional<ParsedRecord> parseRecord(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint64_t keyed = 0, tree = 0, valued = 0;
  if ((at = readVarint(at, end, keyed)) == nullptr) return std::nullopt;
  if ((keyed & 1) != 0 && (at = readVarint(at, end, tree)) == nullptr) return std::nullopt;
  if ((at = readVarint(at, end, valued)) == nullptr) return std::nullopt;
  const auto left = static_cast<std::uint64_t>(end - at);
  const std::uint64_t keyBytes = keyed >> 1, valueBytes = valued >> 2;
  if (keyBytes > left || valueBytes > left - keyBytes) return std::nullopt;
  ParsedRecord parsed;
  parsed.record.kind = static_cast<RecordKind>(valued & 3);
  parsed.record.tree = tree;
  parsed.record.key = {at, keyBytes};
  parsed.record.value = {at + keyBytes, valueBytes};
  parsed.bytes = static_cast<std::size_t>(at - bytes.data()) + keyBytes + valueBytes;
  return parsed;
}

}  // namespace hexpage::kv
