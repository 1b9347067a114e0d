// One item in memory, in one allocation: its sizes, when it expires if ever, key and text.
#pragma once

#include <cstdint>
#include <cstring>
#include <hexpage/types.hpp>
#include <memory>
#include <string_view>

namespace hexpage {

// Made and freed by make() and EntryPtr only: the bytes of key and text follow the object.
class Entry {
 public:
  struct Free {
    void operator()(Entry* entry) const noexcept;
  };
  using Pointer = std::unique_ptr<Entry, Free>;

  static Pointer make(std::string_view key, std::string_view text, Expires expires);

  std::string_view key() const { return {start() + keyAt(), keySize_}; }
  std::string_view text() const { return {start() + textAt(), textSize_}; }
  Expires expires() const {
    Expires expires = 0;
    if (isExpiring_) std::memcpy(&expires, start(), sizeof expires);
    return expires;
  }
  std::size_t sizeBytes() const { return std::size_t{keySize_} + textSize_; }

  // Puts another text in the place of this one, if it takes the same room; otherwise says false.
  bool replace(std::string_view text, Expires expires) noexcept;

 private:
  Entry(std::string_view key, std::string_view text, Expires expires);

  char* start() { return reinterpret_cast<char*>(this + 1); }
  const char* start() const { return reinterpret_cast<const char*>(this + 1); }
  std::size_t keyAt() const { return isExpiring_ ? sizeof(Expires) : 0; }  // from the start
  std::size_t textAt() const { return keyAt() + keySize_; }
  static std::size_t room(std::size_t keySize, std::size_t textSize, bool isExpiring);

  std::uint32_t textSize_;
  std::uint32_t keySize_ : 31;
  std::uint32_t isExpiring_ : 1;  // then the time is the first of the bytes that follow
};
using EntryPtr = Entry::Pointer;

}  // namespace hexpage
