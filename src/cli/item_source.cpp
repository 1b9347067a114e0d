#include "src/cli/item_source.hpp"

#include <algorithm>
#include <charconv>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "src/cli/member_reader.hpp"
#include "src/cli/refuse.hpp"

namespace hexpage::cli {
namespace {

// A key as a JSON string: each byte may be written as \u00xx, and there are two quotes.
constexpr std::size_t kMaxKeyLiteral = 6 * kMaxKeyBytes + 2;
// A document, its key and what is around them, with some white space.
constexpr std::size_t kMaxLine = kMaxDocumentBytes + kMaxKeyLiteral + 4096;

bool isBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Item checkedItem(std::string key, const std::string& text) {
  if (key.empty()) refuse("the key is empty");
  if (key.size() > kMaxKeyBytes)
    refuse("a key of " + std::to_string(key.size()) + " bytes; at most " +
           std::to_string(kMaxKeyBytes) + " are stored");
  validateDocument(text);
  return {std::move(key), minified(text)};
}

// Calls visit(member) with each member of an object that is all of the text.
template <class Visit>
void eachMember(std::string_view text, Visit visit) {
  ByteSource source(text);
  MemberReader members(source, kMaxKeyLiteral, kMaxLine);
  while (auto member = members.next()) visit(*member);
}

void fillOnce(std::optional<std::string>& place, const Member& member) {
  if (place) refuse("member \"" + member.name + "\" twice");
  place = member.value;
}

Expires expiresOf(const std::string& text) {
  Expires expires = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, expires);
  if (error != std::errc() || end != last || expires < 0)
    refuse("\"expires\" is no time in whole milliseconds since 1970");
  return expires;
}

Item itemOfPair(std::string_view line) {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::optional<std::string> expires;
  eachMember(line, [&](const Member& member) {
    if (member.name == "key")
      fillOnce(key, member);
    else if (member.name == "value")
      fillOnce(value, member);
    else if (member.name == "expires")
      fillOnce(expires, member);
    else
      refuse("unexpected member \"" + member.name + "\" beside \"key\", \"value\" and \"expires\"");
  });
  if (!key) refuse("no member \"key\"");
  if (!value) refuse("no member \"value\"");
  if (!key->starts_with('"')) refuse("\"key\" is not a string");
  Item item = checkedItem(decoded(*key), *value);
  if (expires) item.expires = expiresOf(*expires);
  return item;
}

// "a.b\.c" -> {"a", "b.c"}
std::vector<std::string> segmentsOf(const std::string& field) {
  std::vector<std::string> segments(1);
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 1 < field.size() && field[i + 1] == '.')
      segments.back() += field[++i];
    else if (field[i] == '.')
      segments.emplace_back();
    else
      segments.back() += field[i];
  }
  return segments;
}

// The text of a member of an object, or nullopt. The document must be valid.
std::optional<std::string> memberOf(const std::string& document, const std::string& name) {
  std::optional<std::string> found;
  if (document.find_first_not_of(" \t\r\n") == document.find('{'))
    eachMember(document, [&](const Member& member) {
      if (member.name == name) found = member.value;
    });
  return found;
}

bool isInteger(const std::string& text) {
  const auto digits = text.begin() + (text.starts_with('-') ? 1 : 0);
  return std::all_of(digits, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A source of a line for each item; blank lines are passed.
class Lines : public ItemSource {
 public:
  explicit Lines(ByteSource& source) : source_(source) {}

  std::optional<Item> next() final {
    for (;;) {
      const std::uint64_t number = source_.line();
      const auto line = source_.takeLine(kMaxLine);
      if (!line) return std::nullopt;
      if (line->isTooLong) throw BadInput(number, "longer than any item can be");
      if (isBlank(line->text)) continue;
      try {
        return item(line->text);
      } catch (const Error& error) {
        throw BadInput(number, error.what());
      }
    }
  }

 private:
  virtual Item item(const std::string& line) = 0;

  ByteSource& source_;
};

class PairLines final : public Lines {
  using Lines::Lines;
  Item item(const std::string& line) override { return itemOfPair(line); }
};

class DocumentLines final : public Lines {
 public:
  DocumentLines(ByteSource& source, const std::string& field)
      : Lines(source), field_(field), segments_(segmentsOf(field)) {}

 private:
  Item item(const std::string& line) override {
    validateDocument(line);
    return checkedItem(keyOf(line), line);
  }

  std::string keyOf(const std::string& document) const {
    std::optional<std::string> text = document;
    for (const std::string& segment : segments_) {
      text = memberOf(*text, segment);
      if (!text) refuse("no member \"" + field_ + "\" to take the key from");
    }
    if (text->starts_with('"')) return decoded(*text);
    if (!isInteger(*text)) refuse("member \"" + field_ + "\" is neither a string nor an integer");
    return *text;
  }

  std::string field_;
  std::vector<std::string> segments_;
};

class ObjectMembers final : public ItemSource {
 public:
  explicit ObjectMembers(ByteSource& source)
      : source_(source), members_(source, kMaxKeyLiteral, kMaxDocumentBytes) {}

  std::optional<Item> next() override {
    std::uint64_t line = 0;
    try {
      auto member = members_.next();
      if (!member) return std::nullopt;
      line = member->line;
      if (!names_.insert(member->name).second) refuse("member \"" + member->name + "\" twice");
      return checkedItem(std::move(member->name), member->value);
    } catch (const Error& error) {
      throwBadInput(line > 0 ? line : source_.line(), error);
    }
  }

 private:
  [[noreturn]] static void throwBadInput(std::uint64_t line, const Error& error) {
    // What the system refused is no fault of the input.
    if (error.code() != Code::InvalidArgument) throw error;
    throw BadInput(line, error.what());
  }

  ByteSource& source_;
  MemberReader members_;
  std::unordered_set<std::string> names_;  // so far
};

void passBlankLines(ByteSource& source) {
  for (int c = source.peek(); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = source.peek())
    source.take();
}

enum class FirstLine { Pair, OtherObject, MoreThanAnObject, NoWholeObject };

FirstLine kindOf(std::string_view line) {
  ByteSource source(line);
  MemberReader members(source, kMaxKeyLiteral, kMaxLine);
  bool hasKey = false;
  try {
    while (const auto member = members.next()) hasKey = hasKey || member->name == "key";
  } catch (const Error&) {
    // The object goes on in the next line, or it is for objectMembers to refuse.
    return members.isClosed() ? FirstLine::MoreThanAnObject : FirstLine::NoWholeObject;
  }
  return hasKey ? FirstLine::Pair : FirstLine::OtherObject;
}

}  // namespace

std::unique_ptr<ItemSource> pairLines(ByteSource& source) {
  return std::make_unique<PairLines>(source);
}

std::unique_ptr<ItemSource> documentLines(ByteSource& source, const std::string& field) {
  return std::make_unique<DocumentLines>(source, field);
}

std::unique_ptr<ItemSource> objectMembers(ByteSource& source) {
  return std::make_unique<ObjectMembers>(source);
}

std::unique_ptr<ItemSource> detectedItems(ByteSource& source) {
  passBlankLines(source);
  const auto line = source.peekLine(kMaxLine);
  if (!line) return objectMembers(source);
  if (line->empty()) return pairLines(source);
  const FirstLine kind = kindOf(*line);
  if (kind == FirstLine::Pair) return pairLines(source);
  // Its members would be stored as documents before what follows is found to be too much.
  const std::string number = "line " + std::to_string(source.line());
  if (kind == FirstLine::MoreThanAnObject) refuse(number + ": something follows the object");
  if (kind == FirstLine::OtherObject && source.hasTextBehindLine())
    refuse(number + " has no member \"key\"; did you mean --key FIELD?");
  return objectMembers(source);
}

}  // namespace hexpage::cli
