// One change as it stands in a frame of the log: a value set, a key erased, a tree made or dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hexpage::kv {

enum class RecordKind : std::uint8_t { Set = 0, Erase = 1, DropTree = 2, NewTree = 3 };

struct Record {
  RecordKind kind = RecordKind::Set;
  std::uint64_t tree = 0;
  std::string_view key{};
  std::string_view value{};
};

// How many bytes appendRecord adds.
std::size_t recordBytes(const Record& record);
void appendRecord(std::string& out, const Record& record);

struct ParsedRecord {
  Record record;  // views into the bytes
  std::size_t bytes = 0;
};

// The record at the beginning; nullopt when the bytes end before it does.
std::optional<ParsedRecord> parseRecord(std::string_view bytes);

}  // namespace hexpage::kv
