// The members of one JSON object, one at a time, each value as its text. Only one member is in
// memory. The values are found, not checked: a value that is no JSON still comes as a text, which
// validateDocument() refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "src/cli/byte_source.hpp"

namespace hexpage::cli {

struct Member {
  std::string name;
  std::string value;
  std::uint64_t line = 1;  // where it begins
};

class MemberReader {
 public:
  // The source must outlive the reader. Names and values of more bytes are refused.
  MemberReader(ByteSource& source, std::size_t maxNameBytes, std::size_t maxValueBytes)
      : source_(source), maxNameBytes_(maxNameBytes), maxValueBytes_(maxValueBytes) {}

  // The next member, or nullopt when the object is closed and nothing but white space follows.
  // Throws InvalidArgument with the reason when the text is no object.
  std::optional<Member> next();

  // Whether the end of the object was met, be there more text behind it or not.
  bool isClosed() const { return isClosed_; }

 private:
  void passSpace();
  void expect(char c, const char* what);
  bool opensOrGoesOn();
  void endOfText();
  void takeInto(std::string& text, std::size_t maxBytes);
  void takeString(std::string& text, std::size_t maxBytes);
  std::string name();
  std::string value();
  void takeNested(std::string& text);
  void takeScalar(std::string& text);

  ByteSource& source_;
  std::size_t maxNameBytes_;
  std::size_t maxValueBytes_;
  bool isOpen_ = false;
  bool isClosed_ = false;
};

// The text that a JSON string stands for. Throws InvalidArgument when it is none.
std::string decoded(const std::string& literal);

}  // namespace hexpage::cli
