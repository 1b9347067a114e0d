#include "paged/hash_state.hpp"

#include <time.h>

#include <algorithm>
#include <hexpage/error.hpp>
#include <limits>
#include <utility>
#include <vector>

#include "support/json_scanner.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::int64_t kTrustMillis = 50;
constexpr std::size_t kLeastAhead = 4;    // nodes that are worth a thread
constexpr std::size_t kPagesAtOnce = 16;  // of a search, which keeps all others waiting
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

Value valueAt(const Page& page, std::size_t i) { return {page.value(i), page.expires(i)}; }

unsigned digitOf(char hex) {
  return static_cast<unsigned>(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

[[noreturn]] void corrupt(RecordStore& store, std::string_view record, const std::string& reason) {
  throw Error(Code::Corrupt, store.fileOf(record) + ": " + reason);
}

// Most pages tell what they are by their first bytes.
bool beginsAsPage(std::string_view text) {
  return text.starts_with("{\"type\":\"hash_page\"") ||
         text.starts_with("{\n\t\"type\": \"hash_page\"");
}

}  // namespace

std::optional<Header> readHeader(RecordStore& store, std::string_view path,
                                 const std::string& text) {
  try {
    return Header::parse(text);
  } catch (const JsonError& e) {
    corrupt(store, path, std::string("malformed: ") + e.what());
  }
}

void rememberRead(RecordStore& store, std::string_view path) {
  try {
    store.remember(path);
  } catch (const Error& e) {
    if (e.code() != Code::NoSpace) throw;
  }
}

bool hasChild(Children children, char digit) {
  return children && (*children >> digitOf(digit) & 1) != 0;
}

std::uint16_t childrenFound(RecordStore& store, std::string_view record) {
  unsigned children = 0;
  for (unsigned d = 0; d < 16; ++d)
    if (store.size(std::string(record) + '/' + hexDigit(d))) children |= 1U << d;
  return static_cast<std::uint16_t>(children);
}

Node readNode(RecordStore& store, std::string_view record, std::string text) {
  try {
    if (!beginsAsPage(text) && recordTypeOf(text) == RecordType::Index) return Node{};
    return Node{std::make_shared<const Page>(Page::parse(std::move(text)))};
  } catch (const JsonError& e) {
    corrupt(store, record, std::string("malformed: ") + e.what());
  }
}

HashState::~HashState() { forget(); }

std::int64_t HashState::now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

std::string HashState::recordOf(std::string_view digits) const {
  std::string record;
  record.reserve(path_.size() + kPages.size() + 2 * digits.size());
  record.append(path_).append(kPages);
  for (const char digit : digits) (record += '/') += digit;
  return record;
}

std::optional<VersionPtr> HashState::versionOf(std::string_view digits) const {
  if (const auto found = nodes_.find(digits); found != nodes_.end()) return found->second.version;
  const bool isNew = header_.checkedAt != 0 && !header_.value;  // and a hash has its header first
  return isNew ? std::optional<VersionPtr>(nullptr) : std::nullopt;
}

std::optional<VersionPtr> HashState::headerVersion() const {
  return header_.checkedAt == 0 ? std::nullopt : std::optional(header_.version);
}

void HashState::refuse(std::string_view digits, const std::string& reason) {
  corrupt(store_, recordOf(digits), reason);
}

// --- what is known ---

void HashState::beginReading(std::uint64_t epoch) { begin(epoch, now() - kTrustMillis); }

void HashState::beginWriting(std::uint64_t epoch) { begin(epoch, now()); }

void HashState::beginRedoing(std::uint64_t epoch) { begin(epoch, kNever); }

void HashState::begin(std::uint64_t epoch, std::int64_t trustedSince) {
  if (epoch_ != epoch) forget();
  epoch_ = epoch;
  trustedSince_ = trustedSince;
}

bool HashState::isTrusted(std::atomic<std::int64_t>& checkedAt, const VersionPtr& version,
                          std::optional<std::string_view> digits) const {
  if (checkedAt == 0) return false;
  const std::int64_t time = now();
  if (checkedAt >= time - kTrustMillis) return true;
  if (!isCurrent(digits, version)) return false;
  checkedAt = time;
  return true;
}

bool HashState::isCurrent(std::optional<std::string_view> digits, const VersionPtr& version) const {
  if (version && version->isPending()) return true;
  return store_.isCurrent(digits ? recordOf(*digits) : path_, version);
}

const HashState::Known* HashState::known(std::string_view digits) const {
  const auto found = nodes_.find(digits);
  if (found == nodes_.end()) return nullptr;
  const Known& node = found->second;
  if (cache_.ageMillis() && node.loadedAt < now() - cache_.ageMillis()) return nullptr;
  if (!isTrusted(node.checkedAt, node.version, digits)) return nullptr;
  if (!node.used.load(std::memory_order_relaxed)) node.used.store(true, std::memory_order_relaxed);
  return &node;
}

bool HashState::findKnown(std::string_view key, std::optional<Value>& value) const {
  if (!headerKnown()) return false;
  if (!header_.value) return true;
  const Digest digest = Digest::of(key);
  std::string digits;
  for (;;) {
    const Known* node = known(digits);
    if (!node) return false;
    if (!node->type) return true;
    if (node->page) {
      if (const auto i = node->page->find(key)) value = valueAt(*node->page, *i);
      return true;
    }
    if (digits.size() == Digest::kDigits) return false;
    digits += hexDigit(digest.digit(digits.size()));
  }
}

// --- loading ---

const Header* HashState::header() {
  const bool isTrusted = header_.checkedAt >= trustedSince_ && header_.checkedAt != 0;
  if (!isTrusted) {
    if (header_.checkedAt != 0 && header_.version && isCurrent(std::nullopt, header_.version))
      header_.checkedAt = now();
    else
      loadHeader();
  }
  return header_.value ? &*header_.value : nullptr;
}

void HashState::loadHeader() {
  forget();
  auto stored = store_.read(path_);
  if (stored) {
    header_.value = readHeader(store_, path_, stored->text);
    header_.version = stored->version;
  }
  if (header_.value)
    rememberRead(store_, path_);
  else
    refusePagesWithoutHeader(stored ? "no header" : "missing");
  header_.checkedAt = now();
}

void HashState::refusePagesWithoutHeader(std::string_view inItsPlace) {
  const std::string root = recordOf("");
  const auto stored = store_.read(root);
  if (!stored || !isNodeText(stored->text)) return;  // another record may be under that path
  corrupt(store_, path_,
          std::string(inItsPlace) + ", but " + store_.fileOf(root) + " holds items of this hash");
}

std::shared_ptr<const Json> HashState::options() {
  const Header* const found = header();
  if (found && !options_) options_ = std::make_shared<const Json>(found->options());
  return options_;
}

std::optional<Value> HashState::find(std::string_view key) {
  if (!header()) return std::nullopt;
  const Digest digest = Digest::of(key);
  std::string digits;
  for (;;) {
    const auto found = node(digits);
    if (!found) return std::nullopt;
    if (found->page) {
      const auto i = found->page->find(key);
      return i ? std::optional(valueAt(*found->page, *i)) : std::nullopt;
    }
    if (digits.size() == Digest::kDigits) refuse(digits, "an index below the last digit");
    digits += hexDigit(digest.digit(digits.size()));
  }
}

std::optional<Node> HashState::node(std::string_view digits) {
  return load(std::string(digits), Keep::Always);
}

std::optional<Node> HashState::nodeOnce(std::string_view digits) {
  return load(std::string(digits), Keep::WhileThereIsRoom);
}

std::optional<Node> HashState::load(const std::string& digits, Keep keeps) {
  const auto found = nodes_.find(digits);
  if (found != nodes_.end()) {
    const Known& node = found->second;
    const bool isTrusted = node.checkedAt >= trustedSince_;
    if (isTrusted || isCurrent(digits, node.version)) {
      if (!isTrusted) node.checkedAt = now();
      if (keeps == Keep::Always) node.used = true;
      if (!node.type) return std::nullopt;
      return Node{node.page, node.children};
    }
    dropBelow(digits);
  }
  const Stored stored = read(digits);
  if (!stored.node) refuseLost(digits);
  if (keeps == Keep::Always || !stored.node || stored.node->isIndex() || !cache_.isNearlyFull()) {
    keep(digits, stored.node, stored.version);
    nodes_.find(digits)->second.used = keeps == Keep::Always;
  }
  return stored.node;
}

HashState::Stored HashState::read(std::string_view digits) const {
  const std::string record = recordOf(digits);
  auto stored = store_.read(record);
  if (!stored) return {};
  Node node = readNode(store_, record, std::move(stored->text));
  if (node.isIndex()) node.children = stored->children;
  return {std::move(node), std::move(stored->version)};
}

// What a loop comes to next below an index, as much as there is room for. A node that can not be
// read is left to the load that will tell of it.
void HashState::readAhead(const std::string& index, unsigned first, Children children) {
  struct Ahead {
    std::string digits;
    Stored stored = {};
  };
  std::vector<Ahead> nodes;
  for (unsigned d = first; d < 16; ++d) {
    std::string digits = index + hexDigit(d);
    if ((!children || hasChild(children, digits.back())) && !nodes_.contains(digits))
      nodes.push_back({std::move(digits)});
  }
  if (nodes.size() < kLeastAhead) return;
  const std::int64_t begin = now();
  std::atomic<std::size_t> bytes{0};
  helper_.share(nodes.size(), [&](std::size_t i) {
    if (cache_.isNearlyFull(bytes)) return;
    try {
      nodes[i].stored = read(nodes[i].digits);
      const auto& node = nodes[i].stored.node;
      if (node && node->page) bytes += node->page->memoryBytes();
    } catch (const std::exception&) {
    }
  });
  for (const Ahead& node : nodes) {
    if (!node.stored.node) continue;
    keep(node.digits, node.stored.node, node.stored.version);
    const Known& known = nodes_.find(node.digits)->second;
    known.checkedAt = begin;
    known.used = false;
  }
}

// A node that is not there, though there must be one.
void HashState::refuseLost(const std::string& digits) {
  if (digits.empty()) {
    if (header_.value && header_.value->length() > 0)
      refuse("", "missing, but the header counts " + std::to_string(header_.value->length()) +
                     " items");
    return;
  }
  const std::string index = digits.substr(0, digits.size() - 1);
  const auto above = nodes_.find(index);
  if (above == nodes_.end() || !hasChild(above->second.children, digits.back())) return;
  refuse(digits, "missing, but the index above it, " + store_.fileOf(recordOf(index)) +
                     ", has it; put the file of a backup there, or do without its items: "
                     "hexpage repair");
}

std::uint16_t HashState::children(std::string_view digits) {
  const auto found = node(digits);
  if (!found || !found->isIndex()) return 0;
  return found->children ? *found->children : childrenFound(store_, recordOf(digits));
}

void HashState::keep(const std::string& digits, const std::optional<Node>& node,
                     VersionPtr version) {
  Known& known = nodes_[digits];
  if (known.page) cache_.remove(known.page->memoryBytes());
  known.type.reset();
  known.page.reset();
  known.children.reset();
  known.used = true;
  if (node) {
    known.type = node->isIndex() ? RecordType::Index : RecordType::Page;
    known.page = node->page;
    known.children = node->children;
  }
  if (known.page) cache_.add(known.page->memoryBytes());
  known.version = std::move(version);
  known.loadedAt = now();
  known.checkedAt = known.loadedAt;
}

void HashState::drop(const std::string& digits) noexcept {
  const auto found = nodes_.find(digits);
  if (found == nodes_.end()) return;
  if (found->second.page) cache_.remove(found->second.page->memoryBytes());
  nodes_.erase(found);
}

void HashState::dropBelow(std::string_view digits) noexcept {
  for (auto node = nodes_.begin(); node != nodes_.end();) {
    const bool isGone = node->first.starts_with(digits);
    if (isGone && node->second.page) cache_.remove(node->second.page->memoryBytes());
    node = isGone ? nodes_.erase(node) : std::next(node);
  }
}

void HashState::forget() noexcept {
  dropBelow("");
  header_.value.reset();
  options_.reset();
  header_.version.reset();
  header_.checkedAt = 0;
}

// --- what a commit has stored ---

void HashState::installHeader(std::optional<Header> header, VersionPtr version) {
  const bool hasSameOptions = header && header_.value && header->hasOptionsOf(*header_.value);
  if (!hasSameOptions) options_.reset();
  header_.value = std::move(header);
  header_.version = header_.value ? std::move(version) : nullptr;
  header_.checkedAt = now();
}

void HashState::installNode(const std::string& digits, const std::optional<Node>& node,
                            VersionPtr version) {
  if (node)
    keep(digits, node, std::move(version));
  else
    drop(digits);
}

void HashState::sweep() {
  for (const bool dropUsed : {false, true}) {
    for (auto node = nodes_.begin(); node != nodes_.end() && cache_.isNearlyFull();) {
      const bool keeps = !node->second.page || (!dropUsed && node->second.used.exchange(false));
      if (!keeps) cache_.remove(node->second.page->memoryBytes());
      node = keeps ? std::next(node) : nodes_.erase(node);
    }
  }
}

// --- scan ---

Chunk HashState::scan(std::string_view cursor) {
  Chunk chunk;
  Search search{std::nullopt, std::numeric_limits<std::size_t>::max()};
  if (header()) scanFrom("", cursor, search, chunk);
  return chunk;
}

Chunk HashState::expired(Expires now, std::string_view cursor) {
  Chunk chunk;
  Search search{now, kPagesAtOnce};
  if (header()) scanFrom("", cursor, search, chunk);
  return chunk;
}

// Takes the first page below the digits that has wanted items from the cursor on.
bool HashState::scanFrom(const std::string& digits, std::string_view cursor, Search& search,
                         Chunk& chunk) {
  const std::size_t common = std::min(digits.size(), cursor.size());
  const int order = digits.compare(0, common, cursor.substr(0, common));
  if (order < 0) return false;
  const auto found = nodeOnce(digits);
  if (!found) return false;
  if (found->isIndex()) {
    if (digits.size() == Digest::kDigits) refuse(digits, "an index below the last digit");
    // Who has come this far will most likely go on. Not so who begins: he may want one page only.
    const unsigned first =
        order == 0 && digits.size() < cursor.size() ? digitOf(cursor[digits.size()]) : 0;
    if (!cursor.empty() && !cache_.isNearlyFull() && !nodes_.contains(digits + hexDigit(first)))
      readAhead(digits, first, found->children);
    for (unsigned d = first; d < 16; ++d)
      if (scanFrom(digits + hexDigit(d), cursor, search, chunk)) return true;
    return false;
  }
  // The page may have been gathered since from some that this scan has seen and some that it has
  // not.
  const bool isPartlySeen = order == 0 && digits.size() < cursor.size();
  const Page& page = *found->page;
  if (!search.expiredAt) chunk.items.reserve(page.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    if (search.expiredAt && !(page.expires(i) != 0 && page.expires(i) <= *search.expiredAt))
      continue;
    std::string key = page.key(i);
    if (isPartlySeen && Digest::of(key).hex(cursor.size()) < cursor) continue;
    chunk.items.push_back({std::move(key), page.value(i), page.expires(i)});
  }
  chunk.next = after(digits);
  return !chunk.items.empty() || --search.pages == 0;
}

}  // namespace hexpage
