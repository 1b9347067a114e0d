// A hash's header record: its text, and what of it a backend changes.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace hexpage {

enum class Style { Compact, Pretty };  // as JSON.stringify(value) or with "\t"

class Header {
 public:
  // An empty hash's header from the text of the options object: the members as they are, `length`
  // and `type` overwritten in place or appended, integer-like names first, as JavaScript orders
  // them.
  static Header make(std::string_view options, Style style);

  // Gives nullopt when the record is no hash's header. Throws JsonError when it is not JSON, or a
  // header without a length.
  static std::optional<Header> parse(std::string text);

  const std::string& text() const { return text_; }
  std::uint64_t length() const { return length_; }
  std::size_t pageSize() const { return pageSize_; }
  // Throws JsonError when a member is beyond what Json holds, as 1e400 is.
  HashInfo info(std::string_view path) const;
  // The header's own members, as HashInfo::options. Throws as info().
  Json options() const;
  // Whether it is the other's text but for the length. False tells nothing.
  bool hasOptionsOf(const Header& other) const;

  // Changes the number and nothing else of the text.
  void setLength(std::uint64_t length);
  // Lays the text out anew unless it is so already.
  void setStyle(Style style);

 private:
  std::string text_;
  std::size_t lengthBegin_ = 0;  // where the number lies
  std::size_t lengthEnd_ = 0;
  std::uint64_t length_ = 0;
  std::size_t pageSize_ = kDefaultPageSize;
};

// How the text of a record is laid out; nullopt when in neither style.
std::optional<Style> styleOf(std::string_view text);
std::string styled(std::string_view text, Style style);

// JavaScript puts the names "0" to "4294967294" before all others, in numeric order. Gives the
// number of such a name.
std::optional<std::uint32_t> integerLike(std::string_view name);

}  // namespace hexpage
