// XXH3 with 64 bits: finds damage, but is no defence against who forges. The same on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hexpage {

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0);
// Of the parts as if they were one.
std::uint64_t checksum(std::span<const std::string_view> parts, std::uint64_t seed = 0);

}  // namespace hexpage
