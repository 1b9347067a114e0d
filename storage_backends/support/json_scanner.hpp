// A forward cursor over JSON text that checks what it passes and tells where things lie, so that
// documents can be kept, moved and replaced as text. It is ours because simdjson refuses numbers
// beyond 64 bits and 1e400, which JSON.stringify and other writers legally leave in a file.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hexpage {

// What is wrong with a JSON text, and where.
class JsonError : public std::runtime_error {
 public:
  JsonError(const std::string& reason, std::size_t offset)
      : std::runtime_error(reason + " at byte " + std::to_string(offset)) {}
};

struct JsonRules {
  std::size_t maxDepth = 1024;
  bool refuseDuplicates = false;      // a member twice in one object
  bool refuseLoneSurrogates = false;  // "\ud800" with no partner; Node writes them
};

// Where a piece of the text lies: [begin, end).
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class JsonScanner {
 public:
  // Throws JsonError unless the text is UTF-8. The text must outlive the scanner.
  explicit JsonScanner(std::string_view text, JsonRules rules = {});

  std::size_t position() const { return at_; }
  std::string_view slice(Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

  // The next character that is no white space, not passed; '\0' at the end.
  char peek() {
    at_ = pastSpace(at_);
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void expect(char c) { at_ = passed(at_, c); }
  // Passes white space and, if it comes next, c.
  bool accept(char c) {
    at_ = pastSpace(at_);
    if (!isAt(at_, c)) return false;
    ++at_;
    return true;
  }

  // Passes a value and tells where it lies.
  Span value() {
    const std::size_t begin = pastSpace(at_);
    at_ = passValue(begin, 1);
    return {begin, at_};
  }
  // Passes a string, with its quotes.
  Span string() {
    const std::size_t begin = at_;
    at_ = passString(begin);
    return {begin, at_};
  }
  // Nothing may follow but white space.
  void end();

  // Passes an object; calls member(name) at each value, which it must pass.
  template <class Member>
  void object(Member member) {
    expect('{');
    if (accept('}')) return;
    do {
      peek();
      const Span name = string();
      expect(':');
      member(name);
    } while (accept(','));
    expect('}');
  }

 private:
  // Each of these takes the position where its piece begins and gives the one behind it.
  std::size_t passValue(std::size_t at, std::size_t depth);
  std::size_t passObject(std::size_t at, std::size_t depth);
  std::size_t passArray(std::size_t at, std::size_t depth);
  std::size_t passString(std::size_t at);
  std::size_t passEscape(std::size_t at);
  std::size_t passHexQuad(std::size_t at) const;
  std::size_t passNumber(std::size_t at) const;
  std::size_t passDigits(std::size_t at) const;
  std::size_t passWord(std::size_t at, std::string_view word) const;

  std::size_t pastSpace(std::size_t at) const {
    while (at < text_.size() && isSpace(text_[at])) ++at;
    return at;
  }
  bool isAt(std::size_t at, char c) const { return at < text_.size() && text_[at] == c; }
  // Behind white space and c.
  std::size_t passed(std::size_t at, char c) const {
    at = pastSpace(at);
    if (!isAt(at, c)) failExpecting(at, c);
    return at + 1;
  }
  static bool isSpace(char c) {
    return static_cast<unsigned char>(c) <= ' ' &&
           (c == ' ' || c == '\n' || c == '\r' || c == '\t');
  }

  static constexpr std::size_t kFewNames = 8;  // kept here, and compared with each other
  using Names = boost::container::small_vector<Span, kFewNames>;

  void checkDepth(std::size_t at, std::size_t depth) const;
  bool areFewAndDistinct(std::size_t first) const;
  void refuseDuplicates(std::size_t first, std::size_t at) const;
  [[noreturn]] void failExpecting(std::size_t at, char c) const;

  std::string_view text_;
  JsonRules rules_;
  std::size_t at_ = 0;
  Names names_;                   // of the objects that are open, outermost first
  std::size_t escapes_ = 0;       // that were passed
  bool hasEscapedNames_ = false;  // in any object so far
};

// The text that a JSON string stands for, as UTF-8; `literal` has its quotes and is valid. A lone
// surrogate becomes U+FFFD, as it does in the reference's digest.
std::string unquoted(std::string_view literal);

// Whether the text of a JSON value is a string that stands for `text`, however it is escaped.
bool spells(std::string_view value, std::string_view text);

}  // namespace hexpage
