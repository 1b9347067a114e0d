// One line of the pipe protocol, read from left to right: a word, then JSON strings and JSON
// values, each behind one space.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage::cli {

// The answer `ERR CODE text`. Whatever is refused has had no effect.
class Refusal : public std::runtime_error {
 public:
  Refusal(std::string code, const std::string& text)
      : std::runtime_error(text), code_(std::move(code)) {}

  const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

class PipeLine {
 public:
  // The line without its end; it must outlive the parser.
  explicit PipeLine(std::string_view line) : rest_(line) {}

  // The command. Throws Refusal, as all of these, when the next piece is none of its kind.
  std::string_view word();
  // A JSON string, decoded.
  std::string text();
  // Up to the next space or the end; not empty.
  std::string_view token();
  // The same until the line ends: one or more.
  std::vector<std::string> texts();
  // A document, checked and without white space; nullopt for the word NIL.
  std::optional<std::string> documentOrNil();
  // All that is left: one document, checked and without white space.
  std::string document();
  // All that is left, as it is; not empty.
  std::string_view remainder();
  // Nothing may be left.
  void end() const;
  // Whether nothing is left.
  bool isOver() const { return rest_.empty(); }

 private:
  void passSpace();

  std::string_view rest_;
};

// The text as a document, checked and without white space: BADJSON or, for one too large or too
// deep, LIMIT.
std::string checkedDocument(std::string_view text);

}  // namespace hexpage::cli
