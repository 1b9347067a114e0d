#include "binary/record.hpp"

namespace hexpage::kv {
namespace {

std::uint64_t keyWord(const Record& record) {
  return std::uint64_t{record.key.size()} << 1 | (record.tree != 0 ? 1 : 0);
}

std::uint64_t valueWord(const Record& record) {
  return std::uint64_t{record.valueBytes()} << 2 | static_cast<std::uint64_t>(record.kind);
}

char* writeHead(char* out, const Record& record) {
  out = writeVarint(out, keyWord(record));
  if (record.tree != 0) out = writeVarint(out, record.tree);
  return writeVarint(out, valueWord(record));
}

}  // namespace

std::size_t recordBytes(const Record& record) {
  return varintBytes(keyWord(record)) + (record.tree != 0 ? varintBytes(record.tree) : 0) +
         varintBytes(valueWord(record)) + record.key.size() + record.valueBytes();
}

void appendRecord(std::string& out, const Record& record) {
  char head[3 * kMaxVarintBytes];
  out.append(head, writeHead(head, record))
      .append(record.key)
      .append(record.value)
      .append(record.rest);
}

void writeRecord(char* out, const Record& record) {
  out = writeHead(out, record);
  for (const std::string_view piece : {record.key, record.value, record.rest})
    out += piece.copy(out, piece.size());
}

}  // namespace hexpage::kv
