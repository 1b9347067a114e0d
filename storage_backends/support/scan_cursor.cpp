#include "support/scan_cursor.hpp"

#include <charconv>
#include <hexpage/error.hpp>

namespace hexpage {

std::string scanCursorAt(std::uint64_t hash) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, hash, 16).ptr;
  return {digits, end};
}

std::uint64_t parseScanCursor(std::string_view cursor) {
  std::uint64_t hash = 0;
  if (cursor.empty()) return hash;
  const char* const last = cursor.data() + cursor.size();
  const auto [end, error] = std::from_chars(cursor.data(), last, hash, 16);
  if (error != std::errc() || end != last)
    throw Error(Code::InvalidArgument, "no cursor of a scan: " + std::string(cursor));
  return hash;
}

}  // namespace hexpage
