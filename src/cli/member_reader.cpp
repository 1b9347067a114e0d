#include "src/cli/member_reader.hpp"

#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

namespace hexpage::cli {
namespace {

bool isSpace(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool endsScalar(int c) {
  return c == ByteSource::kEnd || c == ',' || c == '}' || c == ']' || isSpace(c);
}

[[noreturn]] void refuseJson(const std::string& reason) {
  throw Error(Code::InvalidArgument, "invalid JSON: " + reason);
}

}  // namespace

std::optional<Member> MemberReader::next() {
  if (!opensOrGoesOn()) {
    isClosed_ = true;
    endOfText();
    return std::nullopt;
  }
  Member member;
  member.line = source_.line();
  member.name = name();
  passSpace();
  expect(':', "':' after a member's name");
  member.value = value();
  return member;
}

// Whether a member comes: the first, or one behind a comma.
bool MemberReader::opensOrGoesOn() {
  passSpace();
  if (!isOpen_) {
    expect('{', "an object");
    isOpen_ = true;
    passSpace();
    if (source_.peek() != '}') return true;
  } else if (source_.peek() == ',') {
    source_.take();
    passSpace();
    return true;
  }
  expect('}', "',' or '}' after a member");
  return false;
}

void MemberReader::endOfText() {
  passSpace();
  if (source_.peek() != ByteSource::kEnd) refuseJson("something follows the object");
}

void MemberReader::passSpace() {
  while (isSpace(source_.peek())) source_.take();
}

void MemberReader::expect(char c, const char* what) {
  if (source_.peek() == ByteSource::kEnd)
    refuseJson(std::string("it ends where ") + what + " should be");
  if (source_.peek() != static_cast<unsigned char>(c)) refuseJson(std::string("expected ") + what);
  source_.take();
}

void MemberReader::takeInto(std::string& text, std::size_t maxBytes) {
  if (source_.peek() == ByteSource::kEnd) refuseJson("it ends too early");
  if (text.size() == maxBytes)
    throw Error(Code::InvalidArgument,
                "a name or document of more than " + std::to_string(maxBytes) + " bytes");
  text += static_cast<char>(source_.take());
}

// A string with its quotes, appended.
void MemberReader::takeString(std::string& text, std::size_t maxBytes) {
  takeInto(text, maxBytes);
  for (;;) {
    const int c = source_.peek();
    takeInto(text, maxBytes);
    if (c == '"') return;
    // What is escaped is passed with its backslash: an escaped quote ends nothing.
    if (c == '\\') takeInto(text, maxBytes);
  }
}

std::string MemberReader::name() {
  if (source_.peek() != '"') refuseJson("expected a member's name in double quotes");
  std::string text;
  takeString(text, maxNameBytes_);
  return decoded(text);
}

std::string MemberReader::value() {
  passSpace();
  const int first = source_.peek();
  std::string text;
  if (first == '"')
    takeString(text, maxValueBytes_);
  else if (first == '{' || first == '[')
    takeNested(text);
  else
    takeScalar(text);
  return text;
}

void MemberReader::takeNested(std::string& text) {
  for (std::size_t depth = 0;;) {
    const int c = source_.peek();
    if (c == '"') {
      takeString(text, maxValueBytes_);
      continue;
    }
    takeInto(text, maxValueBytes_);
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return;
  }
}

void MemberReader::takeScalar(std::string& text) {
  while (!endsScalar(source_.peek())) takeInto(text, maxValueBytes_);
  if (text.empty()) refuseJson("a member without a value");
}

std::string decoded(const std::string& literal) { return parseJson(literal).get<std::string>(); }

}  // namespace hexpage::cli
