#include "binary/record.hpp"

#include <cstring>

namespace hexpage::kv {
namespace {

std::uint64_t keyWord(const Record& record) {
  return std::uint64_t{record.key.size()} << 1 | (record.tree != 0 ? 1 : 0);
}

std::uint64_t valueWord(const Record& record) {
  return std::uint64_t{record.value.size()} << 2 | static_cast<std::uint64_t>(record.kind);
}

char* writeHead(char* out, const Record& record) {
  out = writeVarint(out, keyWord(record));
  if (record.tree != 0) out = writeVarint(out, record.tree);
  return writeVarint(out, valueWord(record));
}

}  // namespace

std::size_t recordBytes(const Record& record) {
  return varintBytes(keyWord(record)) + (record.tree != 0 ? varintBytes(record.tree) : 0) +
         varintBytes(valueWord(record)) + record.key.size() + record.value.size();
}

void appendRecord(std::string& out, const Record& record) {
  char head[3 * kMaxVarintBytes];
  out.append(head, writeHead(head, record)).append(record.key).append(record.value);
}

void writeRecord(char* out, const Record& record) {
  out = writeHead(out, record);
  std::memcpy(out, record.key.data(), record.key.size());
  std::memcpy(out + record.key.size(), record.value.data(), record.value.size());
}

}  // namespace hexpage::kv
