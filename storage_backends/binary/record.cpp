#include "binary/record.hpp"

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

}  // namespace hexpage::kv
