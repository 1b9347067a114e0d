#include "memory/entry.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace hexpage {

// What the allocator would round up to anyway, so that a text may grow a little in its place.
std::size_t Entry::room(std::size_t keySize, std::size_t textSize, bool isExpiring) {
  constexpr std::size_t kGrain = 16, kOwnOfAllocator = 8;
  const std::size_t used =
      sizeof(Entry) + (isExpiring ? sizeof(Expires) : 0) + keySize + textSize + kOwnOfAllocator;
  return (used + kGrain - 1) / kGrain * kGrain - kOwnOfAllocator;
}

EntryPtr Entry::make(std::string_view key, std::string_view text, Expires expires) {
  void* const memory = ::operator new(room(key.size(), text.size(), expires != 0));
  return EntryPtr(new (memory) Entry(key, text, expires));
}

Entry::Entry(std::string_view key, std::string_view text, Expires expires)
    : textSize_(static_cast<std::uint32_t>(text.size())),
      keySize_(static_cast<std::uint32_t>(key.size()) & 0x7fffffff),
      isExpiring_(expires != 0) {
  if (isExpiring_) std::memcpy(start(), &expires, sizeof expires);
  std::copy(key.begin(), key.end(), start() + keyAt());
  std::copy(text.begin(), text.end(), start() + textAt());
}

void Entry::Free::operator()(Entry* entry) const noexcept { ::operator delete(entry); }

bool Entry::replace(std::string_view text, Expires expires) noexcept {
  if (isExpiring_ != (expires != 0)) return false;
  if (text.size() != textSize_ &&
      room(keySize_, text.size(), isExpiring_) != room(keySize_, textSize_, isExpiring_))
    return false;
  if (isExpiring_) std::memcpy(start(), &expires, sizeof expires);
  std::copy(text.begin(), text.end(), start() + textAt());
  textSize_ = static_cast<std::uint32_t>(text.size());
  return true;
}

}  // namespace hexpage
