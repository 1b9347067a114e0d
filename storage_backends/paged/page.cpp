#include "paged/page.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <hexpage/json_text.hpp>
#include <utility>

#include "support/json_quote.hpp"
#include "support/json_scanner.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kMaxText = std::size_t{2} << 30;  // positions have 32 bits
constexpr std::size_t kPunctuation = 16;                // around a key and its value

std::uint32_t hashOf(std::string_view key) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>()(key));
}

std::uint32_t narrow(std::size_t position) { return static_cast<std::uint32_t>(position); }

std::string_view inside(std::string_view literal) { return literal.substr(1, literal.size() - 2); }

bool isEscaped(std::string_view literal) { return literal.find('\\') != std::string_view::npos; }

std::optional<std::int64_t> integerIn(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// How many items to make room for, if what the text says is to be believed.
std::size_t likelyItems(std::optional<std::int64_t> stated, std::size_t textBytes) {
  constexpr std::size_t kLeastItem = 6;  // "a":1 and a comma
  const auto items = static_cast<std::size_t>(std::max<std::int64_t>(stated.value_or(0), 0));
  return std::min(items, textBytes / kLeastItem);
}

}  // namespace

Page::Page(Style style)
    : Page(parse(styled(R"({"type":"hash_page","length":0,"items":{}})", style))) {}

Page::Page(const Page& page, std::size_t room) {
  text_.reserve(page.text_.size() + room);
  slots_.reserve(page.slots_.size() + 1);
  *this = page;  // into what is reserved
}

Page Page::parse(std::string text) {
  if (text.size() > kMaxText) throw JsonError("a page of more than 2 GiB", 0);
  Page page;
  JsonScanner scanner(text);
  std::string_view type;
  bool hasItems = false;
  std::size_t memberEnd = 0;  // of the member before
  Span expires{}, expiresMember{};
  const auto readItems = [&] {
    scanner.peek();
    page.itemsBegin_ = narrow(scanner.position());
    page.slots_.clear();
    page.slots_.reserve(likelyItems(page.statedLength_, text.size()));
    scanner.object([&](Span key) {
      const Span value = scanner.value();
      const std::string_view literal = scanner.slice(key);
      page.slots_.push_back(
          {isEscaped(literal) ? hashOf(unquoted(literal)) : hashOf(inside(literal)),
           narrow(key.begin), narrow(value.begin), narrow(value.end)});
    });
    page.itemsEnd_ = narrow(scanner.position());
    hasItems = true;
  };
  const auto readMember = [&](Span nameSpan) {
    const std::string_view name = scanner.slice(nameSpan);
    if (spells(name, "items")) return readItems();
    const Span value = scanner.value();
    if (spells(name, "type")) type = scanner.slice(value);
    if (spells(name, "expires")) {
      if (expires.end > 0) throw JsonError("a page that has expires twice", nameSpan.begin);
      expires = value;
      expiresMember = {memberEnd > 0 ? memberEnd : nameSpan.begin, value.end};
    }
    if (!spells(name, "length")) return;
    page.lengthBegin_ = narrow(value.begin);
    page.lengthEnd_ = narrow(value.end);
    page.statedLength_ = integerIn(scanner.slice(value));
  };
  scanner.object([&](Span nameSpan) {
    readMember(nameSpan);
    memberEnd = scanner.position();
  });
  scanner.end();
  if (!spells(type, "hash_page") || !hasItems)
    throw JsonError("no page of a hash: type or items missing", 0);
  if (page.lengthEnd_ == 0) throw JsonError("a page of a hash without a length", 0);
  page.style_ = styleOf(text);
  page.text_ = std::move(text);
  if (expires.end == 0) {
    page.dropDuplicates();
    return page;
  }
  const std::string times = page.text_.substr(expires.begin, expires.end - expires.begin);
  const bool isFirst = page.text_[expiresMember.begin] == '"';
  page.cut(expiresMember.begin,
           isFirst ? page.text_.find('"', expiresMember.end) : expiresMember.end);
  page.dropDuplicates();
  page.readExpires(times);
  return page;
}

// Pages have it in the order of the items, so that the next one is found at the first look.
void Page::readExpires(std::string_view object) {
  JsonScanner scanner(object);
  hadStrayExpires_ = scanner.peek() != '{';
  if (hadStrayExpires_) return;
  std::size_t next = 0;
  scanner.object([&](Span name) {
    const std::string_view literal = scanner.slice(name);
    const std::string key = isEscaped(literal) ? unquoted(literal) : std::string(inside(literal));
    const auto time = integerIn(scanner.slice(scanner.value()));
    const auto i = next < slots_.size() && hasKey(next, key) ? std::optional(next) : find(key);
    if (!i || !time || *time <= 0) {
      hadStrayExpires_ = true;
      return;
    }
    setExpires(*i, *time);
    next = *i + 1;
  });
}

void Page::setExpires(std::size_t i, Expires expires) {
  if (expires_.empty() && expires == 0) return;
  expires_.resize(slots_.size());
  expiring_ += (expires != 0);
  expiring_ -= (expires_[i] != 0);
  expires_[i] = expires;
  if (expiring_ == 0) expires_ = {};
}

std::string Page::text() const {
  if (expires_.empty()) return text_;
  const std::string member = expiresMember();
  std::string text;
  text.reserve(text_.size() + member.size());
  text.append(text_, 0, itemsEnd_).append(member).append(text_, itemsEnd_);
  return text;
}

std::string Page::expiresMember() const {
  const bool inLines = style_ == Style::Pretty;
  std::string member = inLines ? ",\n\t\"expires\": {" : ",\"expires\":{";
  bool isFirst = true;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (expires_[i] == 0) continue;
    if (!std::exchange(isFirst, false)) member += ',';
    if (inLines) member += "\n\t\t";
    member += keyLiteral(i);
    member += inLines ? ": " : ":";
    member += std::to_string(expires_[i]);
  }
  return member + (inLines ? "\n\t}" : "}");
}

std::size_t Page::memoryBytes() const {
  return text_.size() + slots_.size() * sizeof(Slot) + expires_.size() * sizeof(Expires) + 256;
}

// By one bit of a table for each key: says yes too often rather than too seldom.
bool Page::mayHaveDuplicates() const {
  constexpr std::size_t kWords = 256;
  if (slots_.size() > kWords) return true;
  std::array<std::uint64_t, kWords> seen{};
  for (const Slot& slot : slots_) {
    std::uint64_t& word = seen[(slot.hash >> 6) % kWords];
    const std::uint64_t bit = std::uint64_t{1} << (slot.hash % 64);
    if (word & bit) return true;
    word |= bit;
  }
  return false;
}

void Page::dropDuplicates() {
  if (!mayHaveDuplicates()) return;
  std::vector<std::uint32_t> hashes;
  hashes.reserve(slots_.size());
  for (const Slot& slot : slots_) hashes.push_back(slot.hash);
  std::sort(hashes.begin(), hashes.end());
  if (std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end()) return;
  for (std::size_t i = 0; i < slots_.size();) {
    const std::string name = key(i);
    std::size_t last = i;
    for (std::size_t j = i + 1; j < slots_.size(); ++j)
      if (slots_[j].hash == slots_[i].hash && hasKey(j, name)) last = j;
    if (last == i) {
      ++i;
      continue;
    }
    hadDuplicates_ = true;
    removeAt(i);
  }
}

std::string_view Page::keyLiteral(std::size_t i) const {
  // Between the key's closing quote and the value there are only white space and a colon.
  const Slot& slot = slots_[i];
  std::size_t end = slot.valueBegin;
  while (text_[end - 1] != '"') --end;
  return std::string_view(text_).substr(slot.keyBegin, end - slot.keyBegin);
}

std::string Page::key(std::size_t i) const {
  const std::string_view literal = keyLiteral(i);
  return isEscaped(literal) ? unquoted(literal) : std::string(inside(literal));
}

std::string Page::value(std::size_t i) const {
  const Slot& slot = slots_[i];
  const auto text =
      std::string_view(text_).substr(slot.valueBegin, slot.valueEnd - slot.valueBegin);
  return style_ == Style::Compact ? std::string(text) : minified(text);
}

bool Page::hasKey(std::size_t i, std::string_view key) const {
  const std::string_view literal = keyLiteral(i);
  return isEscaped(literal) ? unquoted(literal) == key : inside(literal) == key;
}

std::optional<std::size_t> Page::find(std::string_view key) const {
  const std::uint32_t hash = hashOf(key);
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].hash == hash && hasKey(i, key)) return i;
  return std::nullopt;
}

bool Page::put(std::string_view key, std::string_view value, Expires expires) {
  const std::string laidOut = style_ == Style::Pretty ? indented(value, 2) : std::string();
  const std::string_view text = style_ == Style::Pretty ? laidOut : value;
  const auto found = find(key);
  if (!found) {
    const std::size_t place = placeOf(key);
    insert(place, key, text);
    setExpires(place, expires);
    return true;
  }
  Slot& slot = slots_[*found];
  const std::size_t size = slot.valueEnd - slot.valueBegin;
  replaceItems(slot.valueBegin, size, text, *found + 1);
  slot.valueEnd = narrow(slot.valueBegin + text.size());
  setExpires(*found, expires);
  if (statedLength_ != static_cast<std::int64_t>(slots_.size())) writeLength();
  return false;
}

std::size_t Page::placeOf(std::string_view key) const {
  const auto number = integerLike(key);
  if (!number) return slots_.size();
  std::size_t low = 0, high = slots_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const auto other = integerLike(this->key(middle));
    if (other && *other < *number)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

void Page::insert(std::size_t i, std::string_view key, std::string_view value) {
  const bool inLines = style_ == Style::Pretty;
  const bool isOnly = slots_.empty(), isLast = i == slots_.size();
  const std::string_view colon = inLines ? ": " : ":", comma = inLines ? ",\n\t\t" : ",";
  const std::string_view open = inLines ? "{\n\t\t" : "{", close = inLines ? "\n\t}" : "}";
  const std::string_view before = isOnly ? open : isLast ? comma : "";
  const std::string_view behind = isOnly ? close : isLast ? "" : comma;
  const std::size_t at = isOnly   ? itemsBegin_
                         : isLast ? slots_.back().valueEnd
                                  : slots_[i].keyBegin;
  std::string item;
  item.reserve(key.size() + value.size() + kPunctuation);
  item += before;
  const std::size_t begin = at + item.size();
  appendQuoted(item, key);
  item += colon;
  const std::size_t valueBegin = at + item.size();
  item.append(value).append(behind);
  replaceItems(at, isOnly ? itemsEnd_ - itemsBegin_ : 0, item, i);
  slots_.insert(
      slots_.begin() + static_cast<std::ptrdiff_t>(i),
      Slot{hashOf(key), narrow(begin), narrow(valueBegin), narrow(valueBegin + value.size())});
  if (!expires_.empty()) expires_.insert(expires_.begin() + static_cast<std::ptrdiff_t>(i), 0);
  writeLength();
}

bool Page::remove(std::string_view key) {
  const auto found = find(key);
  if (found) removeAt(*found);
  return found.has_value();
}

void Page::removeAt(std::size_t i) {
  const Slot slot = slots_[i];
  std::size_t begin = i > 0 ? slots_[i - 1].valueEnd : slot.keyBegin;
  std::size_t end = slot.valueEnd;
  std::string_view by;
  if (slots_.size() == 1) {
    begin = itemsBegin_, end = itemsEnd_, by = "{}";
  } else if (i == 0) {
    end = slots_[1].keyBegin;
  }
  setExpires(i, 0);
  slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
  if (!expires_.empty()) expires_.erase(expires_.begin() + static_cast<std::ptrdiff_t>(i));
  replaceItems(begin, end - begin, by, i);
  writeLength();
}

void Page::replaceItems(std::size_t at, std::size_t removed, std::string_view by,
                        std::size_t first) {
  text_.replace(at, removed, by);
  const std::uint32_t shift = narrow(by.size() - removed);  // wraps round when negative
  moveItems(shift, first);
  if (lengthBegin_ > itemsBegin_) moveLength(shift);
}

void Page::cut(std::size_t begin, std::size_t end) {
  text_.erase(begin, end - begin);
  const std::uint32_t shift = narrow(begin - end);
  if (lengthBegin_ > begin) moveLength(shift);
  if (itemsBegin_ < begin) return;
  itemsBegin_ += shift;
  moveItems(shift, 0);
}

void Page::moveItems(std::uint32_t shift, std::size_t first) {
  for (std::size_t i = first; i < slots_.size(); ++i) {
    slots_[i].keyBegin += shift;
    slots_[i].valueBegin += shift;
    slots_[i].valueEnd += shift;
  }
  itemsEnd_ += shift;
}

void Page::moveLength(std::uint32_t shift) {
  lengthBegin_ += shift;
  lengthEnd_ += shift;
}

void Page::writeLength() {
  const std::string digits = std::to_string(slots_.size());
  const std::uint32_t shift = narrow(digits.size() - (lengthEnd_ - lengthBegin_));
  text_.replace(lengthBegin_, lengthEnd_ - lengthBegin_, digits);
  statedLength_ = static_cast<std::int64_t>(slots_.size());
  lengthEnd_ += shift;
  if (shift == 0 || lengthBegin_ > itemsBegin_) return;
  itemsBegin_ += shift;
  moveItems(shift, 0);
}

void Page::setStyle(Style style) {
  if (style_ != style) *this = parse(styled(text(), style));
}

RecordType recordTypeOf(std::string_view text) {
  JsonScanner scanner(text);
  std::string_view type;
  scanner.object([&](Span name) {
    const std::string_view nameText = scanner.slice(name);
    const Span value = scanner.value();
    if (spells(nameText, "type")) type = scanner.slice(value);
  });
  scanner.end();
  if (spells(type, "hash_page")) return RecordType::Page;
  if (spells(type, "hash_index")) return RecordType::Index;
  throw JsonError("neither a page nor an index of a hash", 0);
}

bool isNodeText(std::string_view text) {
  try {
    recordTypeOf(text);
    return true;
  } catch (const JsonError&) {
    return false;
  }
}

std::string indexText(Style style) { return styled(R"({"type":"hash_index"})", style); }

}  // namespace hexpage
