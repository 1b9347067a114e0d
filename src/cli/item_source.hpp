// Items for an import, read one at a time from a text in one of three shapes.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "src/cli/byte_source.hpp"

namespace hexpage::cli {

// What is wrong with the input, and in which of its lines.
class BadInput : public std::runtime_error {
 public:
  BadInput(std::uint64_t line, const std::string& reason)
      : std::runtime_error("line " + std::to_string(line) + ": " + reason) {}
};

class ItemSource {
 public:
  virtual ~ItemSource() = default;

  // The next item, its key and document checked, or nullopt at the end. Throws BadInput.
  virtual std::optional<Item> next() = 0;
};

// Each line {"key":...,"value":...} and perhaps "expires", as export writes them; blank lines are
// passed.
std::unique_ptr<ItemSource> pairLines(ByteSource& source);

// Each line a document with its key in `field`: the name of a member, or of a member of a member
// ("a.b"; `\.` is a dot in a name). The key is a string or an integer.
std::unique_ptr<ItemSource> documentLines(ByteSource& source, const std::string& field);

// The whole text one object of documents by key; it may span lines. Keeps the keys in memory, to
// refuse one that is there twice.
std::unique_ptr<ItemSource> objectMembers(ByteSource& source);

// pairLines when the first line that is not blank is a whole JSON object with a member "key", else
// objectMembers. Throws InvalidArgument when that line is a whole object without one and is not the
// last, for lines of documents need documentLines; or when more than an object is in that line.
std::unique_ptr<ItemSource> detectedItems(ByteSource& source);

}  // namespace hexpage::cli
