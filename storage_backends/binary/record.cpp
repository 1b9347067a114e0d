#include "binary/record.hpp"

#include "binary/varint.hpp"

namespace hexpage::kv {
namespace {

std::uint64_t keyWord(const Record& record) {
  return std::uint64_t{record.key.size()} << 1 | (record.tree != 0 ? 1 : 0);
}

std::uint64_t valueWord(const Record& record) {
  return std::uint64_t{record.value.size()} << 2 | static_cast<std::uint64_t>(record.kind);
}

}  // namespace

std::size_t recordBytes(const Record& record) {
  return varintBytes(keyWord(record)) + (record.tree != 0 ? varintBytes(record.tree) : 0) +
         varintBytes(valueWord(record)) + record.key.size() + record.value.size();
}

void appendRecord(std::string& out, const Record& record) {
  char head[3 * kMaxVarintBytes];
  char* end = writeVarint(head, keyWord(record));
  if (record.tree != 0) end = writeVarint(end, record.tree);
  end = writeVarint(end, valueWord(record));
  out.append(head, end).append(record.key).append(record.value);
}

std::optional<ParsedRecord> parseRecord(std::string_view bytes) {
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
