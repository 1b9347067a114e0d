#include "binary/due_times.hpp"

#include <hexpage/error.hpp>

namespace hexpage {
namespace {

constexpr std::size_t kTimeBytes = 8;

bool isBefore(std::string_view a, std::string_view b) { return a < b; }

}  // namespace

OrderedKeys dueTimes(kv::TreeId tree) { return {tree, "lists", isBefore}; }

// The high byte first: so the texts have the order of the times.
std::string encodeDue(const DueItem& item) {
  std::string bytes;
  bytes.reserve(kTimeBytes + item.key.size());
  for (std::size_t i = kTimeBytes; i-- > 0;)
    bytes += static_cast<char>(static_cast<std::uint64_t>(item.expires) >> (8 * i) & 0xFF);
  return bytes += item.key;
}

DueItem decodeDue(std::string_view bytes, std::string_view path) {
  if (bytes.size() < kTimeBytes)
    throw Error(Code::Corrupt, "the times of " + std::string(path) +
                                   " have no sense; run `hexpage verify`, and `hexpage repair`");
  std::uint64_t expires = 0;
  for (std::size_t i = 0; i < kTimeBytes; ++i)
    expires = expires << 8 | static_cast<unsigned char>(bytes[i]);
  return {static_cast<Expires>(expires), bytes.substr(kTimeBytes)};
}

}  // namespace hexpage
