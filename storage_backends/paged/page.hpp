// A page of a hash: the text of its record and where each item lies in it. Items are found,
// replaced, added and removed in the text; what lies around them stays byte for byte, but for when
// items expire, which is laid out anew behind them.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/header.hpp"

namespace hexpage {

class Page {
 public:
  // {"type":"hash_page","length":0,"items":{}}
  explicit Page(Style style);

  // A copy with room for so many bytes more, and for one more item.
  Page(const Page& page, std::size_t room);

  // Throws JsonError unless the text is a valid page. Of a key that is there twice the last item
  // counts, as in JavaScript.
  static Page parse(std::string text);

  std::string text() const;
  // The same where it lies in memory as it is, until the page changes; else null.
  const std::string* wholeText() const { return expires_.empty() ? &text_ : nullptr; }
  std::size_t size() const { return slots_.size(); }
  // How long the text is, but for when items expire; and what the page takes in memory.
  std::size_t textBytes() const { return text_.size(); }
  std::size_t memoryBytes() const;

  std::string key(std::size_t i) const;
  // The document as it was stored; without white space between its tokens if the page is laid out
  // in lines.
  std::string value(std::size_t i) const;
  Expires expires(std::size_t i) const { return expires_.empty() ? 0 : expires_[i]; }

  std::optional<std::size_t> find(std::string_view key) const;
  // Says whether the key is new. A new item goes to the end, but for integer-like keys, which come
  // first in numeric order, as in JavaScript.
  bool put(std::string_view key, std::string_view value, Expires expires = 0);
  // Says whether the key was there.
  bool remove(std::string_view key);

  // What the record's own `length` says. Any put or remove makes it the number of its items.
  std::optional<std::int64_t> statedLength() const { return statedLength_; }
  // Makes the record's own `length` the number of its items.
  void recount() { writeLength(); }
  // Whether keys were there twice in the text that was read.
  bool hadDuplicates() const { return hadDuplicates_; }
  // Whether the text told of keys that are not there when they expire, or told it in something else
  // than a whole number above 0. It is not kept.
  bool hadStrayExpires() const { return hadStrayExpires_; }

  // Lays the text out anew unless it is so already.
  void setStyle(Style style);

 private:
  struct Slot {
    std::uint32_t hash;      // of the key, to look for it fast
    std::uint32_t keyBegin;  // at its opening quote
    std::uint32_t valueBegin;
    std::uint32_t valueEnd;
  };

  Page() = default;
  std::string_view keyLiteral(std::size_t i) const;
  bool hasKey(std::size_t i, std::string_view key) const;
  std::size_t placeOf(std::string_view key) const;
  void insert(std::size_t i, std::string_view key, std::string_view value);
  void setExpires(std::size_t i, Expires expires);
  void readExpires(std::string_view object);
  std::string expiresMember() const;
  // Takes something out of the text that is neither in the items nor the length.
  void cut(std::size_t begin, std::size_t end);
  void moveItems(std::uint32_t shift, std::size_t first);
  void moveLength(std::uint32_t shift);
  void removeAt(std::size_t i);
  bool mayHaveDuplicates() const;
  void dropDuplicates();
  // Replaces a part of the items' text; the slots from `first` on move with what follows.
  void replaceItems(std::size_t at, std::size_t removed, std::string_view by, std::size_t first);
  void writeLength();

  std::string text_;              // without the member `expires`
  std::vector<Slot> slots_;       // in the order of the text
  std::vector<Expires> expires_;  // of each slot; empty when none expires
  std::size_t expiring_ = 0;      // how many of them are not 0
  std::uint32_t lengthBegin_ = 0;
  std::uint32_t lengthEnd_ = 0;
  std::uint32_t itemsBegin_ = 0;  // at '{'
  std::uint32_t itemsEnd_ = 0;    // past '}'
  std::optional<Style> style_;    // neither of the two when a person wrote it
  std::optional<std::int64_t> statedLength_;
  bool hadDuplicates_ = false;
  bool hadStrayExpires_ = false;
};

// A record below a hash's `data`: a page, or an index, which says that the items are one level
// down.
enum class RecordType { Page, Index };
// Reads no more than it must to tell. Throws JsonError when it is neither.
RecordType recordTypeOf(std::string_view text);

bool isNodeText(std::string_view text);  // one of them

std::string indexText(Style style);

}  // namespace hexpage
