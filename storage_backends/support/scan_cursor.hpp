// Cursors of scans that go by the hashes of keys: the lowest one still to come, in hex.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hexpage {

std::string scanCursorAt(std::uint64_t hash);
// 0 for "". Throws InvalidArgument for what is no such cursor.
std::uint64_t parseScanCursor(std::string_view cursor);

}  // namespace hexpage
