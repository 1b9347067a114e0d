#include "paged/tree.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hexpage {

std::optional<Node> TreeEdit::node(std::string_view digits) {
  const auto staged = staged_.find(digits);
  return staged != staged_.end() ? staged->second : base_.node(digits);
}

std::optional<Node> TreeEdit::nodeOnce(std::string_view digits) {
  const auto staged = staged_.find(digits);
  return staged != staged_.end() ? staged->second : base_.nodeOnce(digits);
}

void TreeEdit::stage(const std::string& digits, const Node& node) {
  staged_[digits] = node;
  if (node.isIndex()) reshaped_.insert(digits);
}

// The index above, if any, is to know.
void TreeEdit::noteUnder(const std::string& digits) {
  if (!digits.empty()) reshaped_.insert(digits.substr(0, digits.size() - 1));
}

void TreeEdit::noteChildren() {
  for (const std::string& digits : std::exchange(reshaped_, {})) {
    const auto found = node(digits);
    if (!found || !found->isIndex()) continue;
    std::uint16_t children = base_.children(digits);
    for (unsigned d = 0; d < 16; ++d) {
      const auto staged = staged_.find(digits + hexDigit(d));
      if (staged == staged_.end()) continue;
      const auto bit = static_cast<std::uint16_t>(1U << d);
      children = static_cast<std::uint16_t>(staged->second ? children | bit : children & ~bit);
    }
    staged_[digits] = Node{nullptr, children};
  }
}

TreeEdit::Leaf TreeEdit::leafOf(const Digest& digest) {
  std::string digits;
  for (;;) {
    auto found = node(digits);
    if (!found) return {std::move(digits), nullptr};
    if (found->page) return {std::move(digits), std::move(found->page)};
    if (digits.size() == Digest::kDigits) base_.refuse(digits, "an index below the last digit");
    digits += hexDigit(digest.digit(digits.size()));
  }
}

TreeEdit::Leaf TreeEdit::leafAt(const std::string& digits) {
  auto found = node(digits);
  return {digits, found ? std::move(found->page) : nullptr};
}

// A staged page that only this edit has; made when there is none. `room`: by how many bytes it is
// about to grow.
Page& TreeEdit::editable(Leaf leaf, std::size_t room) {
  std::optional<Node>& staged = staged_[leaf.digits];
  std::shared_ptr<Page> page;
  if (staged && staged->page && staged->page.use_count() == 2) {
    page = std::const_pointer_cast<Page>(leaf.page);  // made here, below
  } else if (leaf.page) {
    page = std::make_shared<Page>(*leaf.page, room);
  } else {
    page = std::make_shared<Page>(limits_.style);
    noteUnder(leaf.digits);
  }
  page->setStyle(limits_.style);
  staged = Node{page};
  return *page;
}

bool TreeEdit::put(std::string_view key, std::string_view text, Expires expires) {
  constexpr std::size_t kPunctuation = 16;
  Leaf leaf = leafOf(Digest::of(key));
  const std::string digits = leaf.digits;
  Page& page = editable(std::move(leaf), key.size() + text.size() + kPunctuation);
  const bool isNew = page.put(key, text, expires);
  if (isToSplit(digits, page)) split(digits);
  return isNew;
}

bool TreeEdit::remove(std::string_view key) {
  Leaf leaf = leafOf(Digest::of(key));
  if (!leaf.page || !leaf.page->find(key)) return false;
  removeFrom(std::move(leaf), key);
  return true;
}

void TreeEdit::removeFrom(const std::string& digits, std::string_view key) {
  removeFrom(leafAt(digits), key);
}

void TreeEdit::removeFrom(Leaf leaf, std::string_view key) {
  const std::string digits = leaf.digits;
  Page& page = editable(std::move(leaf), 0);
  page.remove(key);
  if (page.size() == 0 && !digits.empty()) {
    staged_[digits] = std::nullopt;
    noteUnder(digits);
  }
  gatherAbove(digits);
}

bool TreeEdit::has(std::string_view key) {
  const Leaf leaf = leafOf(Digest::of(key));
  return leaf.page && leaf.page->find(key);
}

void TreeEdit::recount(const std::string& digits) { editable(leafAt(digits), 0).recount(); }

void TreeEdit::makeRoot() { staged_[""] = Node{std::make_shared<Page>(limits_.style)}; }

bool TreeEdit::isToSplit(const std::string& digits, const Page& page) const {
  if (page.size() > limits_.pageItems && digits.size() < limits_.levels) return true;
  return page.textBytes() > limits_.pageBytes && digits.size() < limits_.levelsForBytes;
}

void TreeEdit::split(const std::string& digits) {
  const std::shared_ptr<const Page> page = node(digits)->page;
  std::vector<Digest> digests;
  digests.reserve(page->size());
  for (std::size_t i = 0; i < page->size(); ++i) digests.push_back(Digest::of(page->key(i)));
  // Keys that share their whole digest would only sink, to where no digit is left.
  if (std::adjacent_find(digests.begin(), digests.end(), std::not_equal_to<>()) == digests.end())
    return;
  std::array<std::shared_ptr<Page>, 16> children;
  for (std::size_t i = 0; i < page->size(); ++i) {
    auto& child = children[digests[i].digit(digits.size())];
    if (!child) child = std::make_shared<Page>(limits_.style);
    child->put(page->key(i), page->value(i), page->expires(i));
  }
  for (unsigned d = 0; d < 16; ++d) {
    const std::string below = digits + hexDigit(d);
    // A record that is already there, as a crashed split of Node's leaves one, would bring back
    // old items.
    removeBelow(below);
    if (!children[d]) continue;
    staged_[below] = Node{children[d]};
  }
  stage(digits, Node{});
  for (unsigned d = 0; d < 16; ++d)
    if (children[d] && isToSplit(digits + hexDigit(d), *children[d])) split(digits + hexDigit(d));
}

void TreeEdit::gatherAbove(std::string digits) {
  while (!digits.empty()) {
    digits.pop_back();
    if (!gather(digits)) return;
  }
}

bool TreeEdit::gather(const std::string& digits) {
  Amount amount;
  if (!addUp(digits, amount)) return false;
  const auto page = std::make_shared<Page>(limits_.style);
  collect(digits, *page);
  removeBelow(digits);
  if (page->size() > 0 || digits.empty())
    staged_[digits] = Node{page};
  else
    noteUnder(digits);
  return true;
}

bool TreeEdit::addUp(const std::string& digits, Amount& amount) {
  const auto found = node(digits);
  if (!found) return true;
  if (found->page) {
    amount.items += found->page->size();
    amount.bytes += found->page->textBytes();
    return amount.items <= limits_.pageItems / 2 &&
           (amount.items <= 1 || amount.bytes <= limits_.pageBytes / 2);
  }
  for (unsigned d = 0; d < 16; ++d)
    if (!addUp(digits + hexDigit(d), amount)) return false;
  return true;
}

void TreeEdit::collect(const std::string& digits, Page& into) {
  const auto found = node(digits);
  if (!found) return;
  if (found->page) {
    for (std::size_t i = 0; i < found->page->size(); ++i)
      into.put(found->page->key(i), found->page->value(i), found->page->expires(i));
    return;
  }
  for (unsigned d = 0; d < 16; ++d) collect(digits + hexDigit(d), into);
}

void TreeEdit::removeBelow(const std::string& digits) {
  std::vector<std::string> nodes;
  const auto note = [&](const std::string& each, const Node&) { nodes.push_back(each); };
  eachRecord(*this, digits, note);
  for (std::string& each : nodes) staged_[std::move(each)] = std::nullopt;
}

std::string after(std::string_view digits) {
  std::string next(digits);
  while (!next.empty() && next.back() == 'f') next.pop_back();
  if (!next.empty()) next.back() = next.back() == '9' ? 'a' : static_cast<char>(next.back() + 1);
  return next;
}

}  // namespace hexpage
