#include "operation.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>

namespace hexpage::torture {
namespace {

void update(Documents& documents, const std::string& key, const std::string& changes) {
  const auto it = documents.find(key);
  if (it == documents.end()) return;
  Json document = Json::parse(it->second);
  const Json members = Json::parse(changes);
  for (const auto& [name, value] : members.items()) document[name] = value;
  it->second = document.dump();
}

void moveRecord(Documents& records, const std::string& from, const std::string& to) {
  const auto it = records.find(from);
  if (it == records.end() || from == to) return;
  records[to] = it->second;
  records.erase(from);
}

// As the counters of the store do, for small numbers.
void increment(Documents& documents, const std::string& key, const std::string& by) {
  const auto it = documents.find(key);
  const std::int64_t before = it == documents.end() ? 0 : std::stoll(it->second);
  documents[key] = std::to_string(before + std::stoll(by));
}

Documents* find(std::map<std::string, Documents>& hashes, const std::string& path) {
  const auto it = hashes.find(path);
  return it == hashes.end() ? nullptr : &it->second;
}

std::vector<std::string> keysOf(const Operation& operation) {
  std::vector<std::string> keys;
  for (const auto& [key, text] : operation.items) keys.push_back(key);
  return keys;
}

// What a transaction of these parts has to name.
std::vector<std::string> namesOf(const Operation& operation) {
  std::vector<std::string> names;
  for (const Operation& part : operation.parts) {
    names.push_back(part.path);
    if (!part.to.empty()) names.push_back(part.to);
  }
  return names;
}

Json recordsOf(const Operation& operation) {
  Json records = Json::object();
  for (const auto& [key, text] : operation.items) records[key] = Json::parse(text);
  return records;
}

template <class Call>
void ifThere(bool isThere, Call call) {
  try {
    call();
  } catch (const Error& e) {
    if (e.code() != Code::NoSuchKey || isThere) throw;
  }
}

// A kill in the middle, or a sweep that fails, leaves the item behind, but not to be seen.
void expire(Hashes& hashes, const std::string& path, const std::string& key) {
  hashes.hashExpire(path, key, Millis(1));
  while (hashes.hashHas(path, key)) std::this_thread::yield();
  try {
    hashes.hashSweep(path);
  } catch (const Error&) {
  }
}

void performOn(const Operation& operation, Hashes& hashes) {
  const std::string& path = operation.path;
  switch (operation.kind) {
    case Kind::Put:
      return hashes.hashPutText(path, operation.items[0].first, operation.items[0].second);
    case Kind::PutMany:
      return hashes.hashPutMulti(path, recordsOf(operation));
    case Kind::Update: {
      const auto& [key, changes] = operation.items[0];
      return ifThere(hashes.hashHas(path, key),
                     [&] { hashes.hashUpdate(path, key, Json::parse(changes)); });
    }
    case Kind::Remove: {
      const std::string& key = operation.items[0].first;
      return ifThere(hashes.hashHas(path, key), [&] { hashes.hashDelete(path, key); });
    }
    case Kind::RemoveMany:
      hashes.hashDeleteMulti(path, keysOf(operation));
      return;
    case Kind::Create:
      hashes.hashCreate(path);
      return;
    case Kind::Clear:
    case Kind::Drop:
      return ifThere(hashes.has(path),
                     [&] { hashes.hashDeleteAll(path, operation.kind == Kind::Drop); });
    case Kind::Rename:
      return ifThere(hashes.has(path), [&] { hashes.hashRename(path, operation.to); });
    case Kind::Copy:
      return ifThere(hashes.has(path), [&] { hashes.hashCopy(path, operation.to); });
    case Kind::SetPageSize:
      return ifThere(hashes.has(path), [&] { hashes.hashSetPageSize(path, operation.pageSize); });
    case Kind::PutRecord:
      return hashes.put(path, Json::parse(operation.items[0].second));
    case Kind::EraseRecord:
      hashes.erase(path);
      return;
    case Kind::MoveRecord:
      return ifThere(hashes.has(path), [&] { hashes.rename(path, operation.to); });
    case Kind::PutFor:
      return hashes.hashPutText(path, operation.items[0].first, operation.items[0].second,
                                {.ttl = kLife});
    case Kind::Increment:
      hashes.hashIncrement(path, operation.items[0].first, Json::parse(operation.items[0].second));
      return;
    case Kind::Expire: {
      const std::string& key = operation.items[0].first;
      return ifThere(hashes.hashHas(path, key), [&] { expire(hashes, path, key); });
    }
    case Kind::Transaction:
      throw std::logic_error("a transaction inside another");
  }
}

}  // namespace

std::string word(Kind kind) {
  static const char* const kWords[] = {
      "put",         "putMany",    "update", "remove",    "removeMany", "create",
      "clear",       "drop",       "rename", "copy",      "pageSize",   "putRecord",
      "eraseRecord", "moveRecord", "putFor", "increment", "expire",     "transaction"};
  return kWords[static_cast<std::size_t>(kind)];
}

std::string describe(const Operation& operation) {
  std::string text = word(operation.kind);
  text += " " + operation.path;
  if (!operation.to.empty()) text += " to " + operation.to;
  if (operation.pageSize != 0) text += " " + std::to_string(operation.pageSize);
  for (const auto& [key, value] : operation.items) text += " " + key;
  for (const Operation& part : operation.parts) text += " {" + describe(part) + "}";
  return text;
}

void perform(const Operation& operation, Contents& model) {
  const std::string& path = operation.path;
  Documents* const documents = find(model.hashes, path);
  switch (operation.kind) {
    case Kind::Put:
    case Kind::PutFor:
    case Kind::PutMany:
      for (const auto& [key, text] : operation.items) model.hashes[path][key] = text;
      return;
    case Kind::Update:
      if (documents) update(*documents, operation.items[0].first, operation.items[0].second);
      return;
    case Kind::Increment:
      return increment(model.hashes[path], operation.items[0].first, operation.items[0].second);
    case Kind::Remove:
    case Kind::RemoveMany:
    case Kind::Expire:
      if (documents)
        for (const auto& [key, text] : operation.items) documents->erase(key);
      return;
    case Kind::Create:
      model.hashes[path];
      return;
    case Kind::Clear:
      if (documents) documents->clear();
      return;
    case Kind::Drop:
      model.hashes.erase(path);
      return;
    case Kind::Rename:
      if (!documents || path == operation.to) return;
      model.hashes[operation.to] = *documents;
      model.hashes.erase(path);
      return;
    case Kind::Copy:
      if (documents) model.hashes[operation.to] = Documents(*documents);
      return;
    case Kind::SetPageSize:
      return;
    case Kind::PutRecord:
      model.records[path] = operation.items[0].second;
      return;
    case Kind::EraseRecord:
      model.records.erase(path);
      return;
    case Kind::MoveRecord:
      return moveRecord(model.records, path, operation.to);
    case Kind::Transaction:
      for (const Operation& part : operation.parts) perform(part, model);
      return;
  }
}

void perform(const Operation& operation, Storage& storage) {
  if (operation.kind != Kind::Transaction) return performOn(operation, storage);
  storage.transaction(namesOf(operation), [&](Transaction& transaction) {
    for (const Operation& part : operation.parts) performOn(part, transaction);
  });
}

}  // namespace hexpage::torture
