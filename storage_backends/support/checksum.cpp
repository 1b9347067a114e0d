#include "support/checksum.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hexpage {

std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t checksum(std::span<const std::string_view> parts, std::uint64_t seed) {
  if (parts.size() == 1) return checksum(parts[0], seed);
  XXH3_state_t state;
  XXH3_INITSTATE(&state);  // the reset reads what seed it had
  XXH3_64bits_reset_withSeed(&state, seed);
  for (const std::string_view part : parts) XXH3_64bits_update(&state, part.data(), part.size());
  return XXH3_64bits_digest(&state);
}

}  // namespace hexpage
