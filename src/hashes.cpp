#include <hexpage/hashes.hpp>

#include <algorithm>
#include <functional>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <set>

#include "batch_size.hpp"
#include "document.hpp"
#include "document_edit.hpp"
#include "expiry.hpp"
#include "hash_copy.hpp"
#include "hash_options.hpp"
#include "matcher.hpp"
#include "session.hpp"
#include "single_item.hpp"
#include "support/header.hpp"
#include "support/json_scanner.hpp"
#include "support/members.hpp"

namespace hexpage {
namespace {

[[noreturn]] void throwNoSuchHash(std::string_view path) {
  throw Error(Code::NoSuchKey, "no such hash: " + std::string(path));
}

// Says whether it is the hash or the key that is missing.
[[noreturn]] void throwNoSuchKey(Session& session, const std::string& path, std::string_view key) {
  if (!session.backend->info(path)) throwNoSuchHash(path);
  throw Error(Code::NoSuchKey, "no such key: " + path + ": " + std::string(key));
}

[[noreturn]] void throwNoSuchRecord(std::string_view path) {
  throw Error(Code::NoSuchKey, "no such record: " + std::string(path));
}

std::optional<Value> itemValue(Session& session, const std::string& path, std::string_view key) {
  return session.backend->getOne(path, key);
}

std::optional<std::string> itemText(Session& session, const std::string& path,
                                    std::string_view key) {
  auto value = itemValue(session, path, key);
  if (!value) return std::nullopt;
  return std::move(value->text);
}

std::optional<HashInfo> listedInfo(Session& session, const std::string& path) {
  try {
    return session.backend->info(path);
  } catch (const Error& e) {
    if (e.code() != Code::Corrupt) throw;
    HashInfo info;
    info.path = path;
    info.fault = e.what();
    return info;
  }
}

// Whether the hash has items, and none but those.
bool areAllItems(Session& session, const std::string& path,
                 const std::set<std::string_view>& keys) {
  bool isAny = false;
  Chunk chunk;
  do {
    chunk = session.backend->scan(path, chunk.next);
    for (const Item& item : chunk.items)
      if (!keys.contains(item.key)) return false;
    isAny = isAny || !chunk.items.empty();
  } while (!chunk.next.empty());
  return isAny;
}

// Those of the keys that are there.
std::set<std::string_view> keysThere(Session& session, const std::string& path,
                                     std::span<const std::string> keys) {
  constexpr std::size_t kKeysAtOnce = 256;  // their documents are in memory
  std::set<std::string_view> there;
  for (std::size_t from = 0; from < keys.size(); from += kKeysAtOnce) {
    const auto some = keys.subspan(from, std::min(kKeysAtOnce, keys.size() - from));
    const std::vector<std::string_view> names(some.begin(), some.end());
    const auto values = session.backend->get(path, names);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (values[i]) there.insert(names[i]);
  }
  return there;
}

// Gives the items that are put without a time of their own the one that the call or the hash says.
// The caller holds the writer's lock.
void setTimes(Session& session, const std::string& path, const PutOptions& options, Batch& batch) {
  const Expiry expiry(session, path, options.create, options.ttl);
  if (expiry.isNever()) return;
  for (Change& change : batch.changes) {
    auto* const put = std::get_if<Put>(&change);
    if (!put || put->expires != 0) continue;
    const bool asks = expiry.asksBefore();
    put->expires =
        expiry.ofPut(asks ? expiresOf(itemValue(session, path, put->key)) : std::nullopt);
  }
}

// The text is valid.
void refuseTypeOfHashes(std::string_view text) {
  if (JsonScanner(text).peek() != '{') return;
  std::vector<Member> members = membersOf(text);
  const Member* const type = findMember(members, "type");
  if (!type || !type->text.starts_with('"')) return;
  const std::string name = unquoted(type->text);
  if (name == "hash" || name == "hash_page" || name == "hash_index")
    throw Error(Code::InvalidArgument,
                "a record of type " + jsonString(name) +
                    " would be taken for a part of a hash; name it otherwise");
}

void putRecord(Session& session, std::string_view named, std::string text) {
  refuseTypeOfHashes(text);
  const std::string path = session.path(named);
  Batch batch;
  batch.add(PutRecord{path, std::move(text)});
  auto held = session.lockForWriting({path});
  session.apply(batch, held);
}

// Of many documents the caller has to know which is refused.
template <class Work>
auto namingKey(std::string_view key, Work work) {
  try {
    return work();
  } catch (const Error& e) {
    throw Error(e.code(), "key " + jsonString(key) + ": " + e.what());
  }
}

void checkDocument(std::string_view key, std::string_view text) {
  namingKey(key, [&] { validateDocument(text); });
}

std::string documentText(std::string_view key, const Json& value) {
  return namingKey(key, [&] { return toText(value); });
}

// Over an item that never expires, in a hash whose items never do.
bool putAtOnce(Session& session, std::string_view named, std::string_view key,
               std::string_view text, const PutOptions& options) {
  if (options.ttl.count() != 0 || !options.create.empty()) return false;
  const auto decide = [&](const ItemSeen& item,
                          const Json& stored) -> std::optional<std::string_view> {
    if (item.expires != 0 || givesTimes(stored)) return std::nullopt;
    checkItemSize(named, key, text, session.maxBatchBytes);
    return text;
  };
  return editAtOnce(session, named, key, decide);
}

// The document is valid. The hash nearly always is there, so that it is made when the put alone has
// found none.
void putOne(Session& session, std::string_view named, std::string_view key, std::string_view text,
            const PutOptions& options) {
  if (putAtOnce(session, named, key, text, options)) return;
  const std::string path = session.path(named);
  checkKey(key);
  if (!options.create.empty()) optionsText(session, options.create);  // throws for bad ones
  const auto decide = [&](const ItemBefore& before, const Json& stored) {
    const Expiry expiry(session, stored, options.ttl);
    const bool asks = expiry.asksBefore();
    return ItemAfter{text, expiry.ofPut(asks ? expiresOf(before()) : std::nullopt)};
  };
  Hold held = lockItem(session, path, key);
  if (editLocked(session, path, key, decide, held)) return;
  Batch batch;
  batch.add(Create{path, optionsText(session, options.create)})
      .add(Put{path, std::string(key), std::string(text)});
  setTimes(session, path, options, batch);
  apply(session, batch, held);
}

}  // namespace

// --- hashes ---

// What it gives is made before the hash is.
HashInfo Hashes::hashCreate(std::string_view named, const Json& options) {
  const std::string path = session().path(named);
  const std::string text = optionsText(session(), options);
  Batch batch;
  batch.add(Create{path, text});
  auto held = session().lockForWriting({path});
  if (auto there = session().backend->info(path)) return std::move(*there);
  HashInfo made = Header::make(text, Style::Compact).info(path);
  session().apply(batch, held);
  return made;
}

HashInfo Hashes::hashGetInfo(std::string_view named) {
  const std::string path = session().path(named);
  auto info = session().backend->info(path);
  if (!info) throwNoSuchHash(path);
  return std::move(*info);
}

std::vector<HashInfo> Hashes::hashes(std::string_view prefix) {
  std::vector<HashInfo> found;
  for (const PathEntry& entry : entries(prefix))
    if (entry.isHash)
      if (auto info = listedInfo(session(), entry.path)) found.push_back(std::move(*info));
  return found;
}

void Hashes::hashSetPageSize(std::string_view named, std::size_t n) {
  if (n < 1 || n > kMaxPageSize)
    throw Error(Code::InvalidArgument, "page_size must be a whole number from 1 to " +
                                           std::to_string(kMaxPageSize) + ", not " +
                                           std::to_string(n));
  const std::string path = session().path(named);
  const auto held = session().lockForWriting({path});
  const auto info = session().backend->info(path);
  if (!info) throwNoSuchHash(path);
  const auto header = session().backend->record(path);
  if (!header) throwNoSuchHash(path);
  copyHash(session().backend->stored(), path, path, updated(*header, {{"page_size", n}}));
}

// --- put ---

void Hashes::hashPut(std::string_view path, std::string_view key, const Json& value,
                     const PutOptions& options) {
  putOne(session(), path, key, documentText(key, value), options);
}

void Hashes::hashPutMulti(std::string_view path, const Json& records, const PutOptions& options) {
  if (!records.is_object())
    throw Error(Code::InvalidArgument,
                "the records of a put must be an object of documents by key");
  std::vector<Item> items;
  items.reserve(records.size());
  for (const auto& [key, value] : records.items()) items.push_back({key, documentText(key, value)});
  putChecked(path, items, options);
}

void Hashes::hashPutText(std::string_view path, std::string_view key, std::string_view json,
                         const PutOptions& options) {
  checkDocument(key, json);
  putOne(session(), path, key, json, options);
}

std::size_t Hashes::hashPutTexts(std::string_view path, std::span<const Item> items,
                                 const PutOptions& options) {
  for (const Item& item : items) checkDocument(item.key, item.text);
  return putChecked(path, items, options);
}

std::size_t Hashes::putChecked(std::string_view named, std::span<const Item> items,
                               const PutOptions& options) {
  const std::string path = session().path(named);
  Batch batch;
  batch.changes.reserve(items.size() + 1);
  batch.add(Create{path, optionsText(session(), options.create)});
  for (const Item& item : items) {
    checkKey(item.key);
    batch.add(Put{path, item.key, item.text, item.expires});
  }
  auto held = session().lockForWriting({path});
  setTimes(session(), path, options, batch);
  return session().apply(batch, held).added;
}

// --- get ---

Json Hashes::hashGet(std::string_view path, std::string_view key) {
  return stored(path, key, hashGetText(path, key));
}

std::string Hashes::hashGetText(std::string_view named, std::string_view key) {
  const std::string path = session().path(named);
  auto value = itemValue(session(), path, key);
  if (!value) throwNoSuchKey(session(), path, key);
  return std::move(value->text);
}

Value Hashes::valueOf(const std::string& path, std::string_view key) {
  auto value = itemValue(session(), path, key);
  if (!value) throwNoSuchKey(session(), path, key);
  return std::move(*value);
}

std::optional<Json> Hashes::hashFind(std::string_view path, std::string_view key) {
  const auto text = hashFindText(path, key);
  if (!text) return std::nullopt;
  return stored(path, key, *text);
}

std::optional<std::string> Hashes::hashFindText(std::string_view path, std::string_view key) {
  return itemText(session(), session().path(path), key);
}

bool Hashes::hashHas(std::string_view path, std::string_view key) {
  return hashFindText(path, key).has_value();
}

std::vector<std::optional<Json>> Hashes::hashGetMulti(std::string_view named,
                                                      std::span<const std::string> keys) {
  const std::string path = session().path(named);
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  std::vector<std::optional<Json>> values;
  values.reserve(keys.size());
  for (const auto& value : session().backend->get(path, views)) {
    const std::string_view key = views[values.size()];
    values.push_back(value ? std::optional(stored(path, key, value->text)) : std::nullopt);
  }
  return values;
}

Json Hashes::hashGetAll(std::string_view path) {
  Json::object_t all;
  // Past ordered_json's own emplace, which looks for the key first: a scan gives none twice.
  hashEach(path, [&](const std::string& key, const Json& value) {
    all.Container::emplace_back(key, value);
  });
  return all;
}

// --- change ---

void Hashes::hashUpdate(std::string_view path, std::string_view key, const Json& changes) {
  editItems(path, {{std::string(key), changes}}, updated);
}

void Hashes::hashUpdateMulti(std::string_view path, const Json& changesByKey) {
  if (!changesByKey.is_object())
    throw Error(Code::InvalidArgument, "the updates must be an object of changes by key");
  editItems(path, changesByKey, updated);
}

void Hashes::hashMerge(std::string_view path, std::string_view key, const Json& patch) {
  editItems(path, {{std::string(key), patch}}, merged);
}

void Hashes::editItems(std::string_view named, const Json& editsByKey, EditText edit) {
  const std::string path = session().path(named);
  auto held = session().lockForWriting({path});
  const Expiry expiry(session(), path, Json::object(), Millis(0));
  Batch batch;
  for (const auto& item : editsByKey.items()) {
    const std::string& key = item.key();
    const Value before = valueOf(path, key);
    std::string after = namingKey(key, [&] { return edit(before.text, item.value()); });
    checkDocument(key, after);
    batch.add(Put{path, key, std::move(after), expiry.ofEdit(before.expires)});
  }
  session().apply(batch, held);
}

// --- delete ---

void Hashes::hashDelete(std::string_view named, std::string_view key, bool entire) {
  const std::string path = session().path(named);
  Hold item;
  std::vector<Hold> hash;
  if (entire)
    hash = session().lockForWriting({path});
  else
    item = lockItem(session(), path, key);
  valueOf(path, key);
  Batch batch;
  if (entire && areAllItems(session(), path, {key}))
    batch.add(Drop{path});
  else
    batch.add(Remove{path, std::string(key)});
  session().apply(batch);
}

std::size_t Hashes::hashDeleteMulti(std::string_view named, std::span<const std::string> keys,
                                    bool entire) {
  const std::string path = session().path(named);
  auto held = session().lockForWriting({path});
  const std::set<std::string_view> there = keysThere(session(), path, keys);
  Batch batch;
  if (entire && areAllItems(session(), path, there))
    batch.add(Drop{path});
  else
    for (const std::string_view key : there) batch.add(Remove{path, std::string(key)});
  if (!there.empty()) session().apply(batch, held);
  return there.size();
}

std::size_t Hashes::hashDeleteAll(std::string_view named, bool entire) {
  const std::string path = session().path(named);
  auto held = session().lockForWriting({path});
  if (!session().backend->info(path)) throwNoSuchHash(path);
  Batch batch;
  if (entire)
    batch.add(Drop{path});
  else
    batch.add(Clear{path});
  return session().apply(batch, held).removed;
}

// --- copy and rename ---

void Hashes::hashCopy(std::string_view fromNamed, std::string_view toNamed) {
  const std::string from = session().path(fromNamed), to = session().path(toNamed);
  const auto held = session().lockForWriting({from, to});
  if (!session().backend->info(from)) throwNoSuchHash(from);
  const auto header = session().backend->record(from);
  if (!header) throwNoSuchHash(from);
  if (from != to) copyHash(*session().backend, from, to, *header);
}

void Hashes::hashRename(std::string_view fromNamed, std::string_view toNamed) {
  const std::string from = session().path(fromNamed), to = session().path(toNamed);
  auto held = session().lockForWriting({from, to});
  if (!session().backend->info(from)) throwNoSuchHash(from);
  Batch batch;
  batch.add(Rename{from, to});
  session().apply(batch, held);
}

// --- iterate ---

void Hashes::eachChunk(std::string_view named, const std::function<bool(const Chunk&)>& visit) {
  const std::string path = session().path(named);
  std::string cursor;
  do {
    const Chunk chunk = session().backend->scan(path, cursor);
    if (!chunk.items.empty() && !visit(chunk)) return;
    cursor = chunk.next;
  } while (!cursor.empty());
}

Json Hashes::parsed(std::string_view path, const Item& item) {
  return stored(path, item.key, item.text);
}

Json Hashes::parsedPage(std::string_view path, const Chunk& chunk) {
  Json::object_t page;
  page.reserve(chunk.items.size());
  for (const Item& item : chunk.items) page.Container::emplace_back(item.key, parsed(path, item));
  return page;
}

HashRange Hashes::hashItems(std::string_view path) { return {session_, session().path(path)}; }

// --- plain records ---

void Hashes::put(std::string_view path, const Json& value) {
  putRecord(session(), path, toText(value));
}

void Hashes::putText(std::string_view path, std::string_view json) {
  validateDocument(json);
  putRecord(session(), path, std::string(json));
}

Json Hashes::get(std::string_view path) { return stored(session().path(path), "", getText(path)); }

std::optional<Json> Hashes::find(std::string_view path) {
  const auto text = findText(path);
  if (!text) return std::nullopt;
  return stored(session().path(path), "", *text);
}

std::string Hashes::getText(std::string_view path) {
  auto text = findText(path);
  if (!text) throwNoSuchRecord(session().path(path));
  return std::move(*text);
}

std::optional<std::string> Hashes::findText(std::string_view path) {
  return session().backend->record(session().path(path));
}

bool Hashes::has(std::string_view path) {
  return session().backend->record(session().path(path)).has_value();
}

bool Hashes::erase(std::string_view named) {
  const std::string path = session().path(named);
  auto held = session().lockForWriting({path});
  const bool isThere = session().backend->record(path).has_value();
  Batch batch;
  batch.add(EraseRecord{path});
  session().apply(batch, held);
  return isThere;
}

void Hashes::copy(std::string_view from, std::string_view to) { copyRecord(from, to, false); }

void Hashes::rename(std::string_view from, std::string_view to) { copyRecord(from, to, true); }

void Hashes::copyRecord(std::string_view fromNamed, std::string_view toNamed, bool eraseSource) {
  const std::string from = session().path(fromNamed), to = session().path(toNamed);
  if (session().backend->info(from)) return eraseSource ? hashRename(from, to) : hashCopy(from, to);
  auto held = session().lockForWriting({from, to});
  const auto text = session().backend->record(from);
  if (!text) throwNoSuchRecord(from);
  if (from == to) return;
  Batch batch;
  batch.add(Drop{to});
  batch.add(PutRecord{to, *text});
  if (eraseSource) batch.add(EraseRecord{from});
  session().apply(batch, held);
}

std::vector<std::string> Hashes::list(std::string_view prefix) {
  std::vector<std::string> found;
  for (PathEntry& entry : entries(prefix)) found.push_back(std::move(entry.path));
  return found;
}

std::vector<PathEntry> Hashes::entries(std::string_view named) {
  const std::string prefix = session().prefix(named);
  std::vector<PathEntry> found;
  std::string cursor;
  do {
    PathChunk chunk = session().backend->paths(prefix, cursor);
    std::move(chunk.entries.begin(), chunk.entries.end(), std::back_inserter(found));
    cursor = std::move(chunk.next);
  } while (!cursor.empty());
  const auto byPath = [](const PathEntry& a, const PathEntry& b) { return a.path < b.path; };
  std::sort(found.begin(), found.end(), byPath);
  return found;
}

// --- HashRange ---

HashRange::iterator::iterator(std::shared_ptr<Session> session, std::string path,
                              std::shared_ptr<const Matcher> matcher)
    : session_(std::move(session)), path_(std::move(path)), matcher_(std::move(matcher)) {
  fetchChunk();
  fetch();
}

HashRange::iterator& HashRange::iterator::operator++() {
  ++position_;
  fetch();
  return *this;
}

void HashRange::iterator::fetchChunk() {
  chunk_ = session_->backend->scan(path_, chunk_.next);
  if (matcher_)
    std::erase_if(chunk_.items,
                  [&](const Item& item) { return !matcher_->accepts(item.key, item.text); });
  position_ = 0;
}

// Stands on the item at position_, of a later chunk if this one has no more.
void HashRange::iterator::fetch() {
  while (position_ == chunk_.items.size()) {
    if (chunk_.next.empty()) {
      atEnd_ = true;
      return;
    }
    fetchChunk();
  }
  Item& item = chunk_.items[position_];
  current_.second = stored(path_, item.key, item.text);
  current_.first = std::move(item.key);
}

}  // namespace hexpage
