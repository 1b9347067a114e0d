// A write that is whole or told as failed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hexpage {

// Writes the whole text into the file, from `offset` on. NoSpace, and no SIGXFSZ, beyond the
// process's limit of file sizes.
void writeAll(int fd, std::string_view text, const std::string& file, std::uint64_t offset = 0);

}  // namespace hexpage
