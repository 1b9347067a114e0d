#include "contents.hpp"

#include <set>
#include <stdexcept>

namespace hexpage::torture {
namespace {

std::string compact(const std::string& text) { return Json::parse(text).dump(); }

std::string shortened(const std::string& text) {
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

void expectLife(Storage& storage, const std::string& path, const std::string& key,
                const std::string& text) {
  const Json document = Json::parse(text);
  const bool lives = document.is_object() && document.contains(kLives);
  const auto left = storage.hashTimeToLive(path, key);
  if (left.has_value() != lives || (left && *left > kLife))
    throw std::runtime_error(path + ": item " + key + (lives ? " is to expire" : " is to stay") +
                             ", but has " +
                             (left ? std::to_string(left->count()) + " ms left" : "no end"));
}

Documents readHash(Storage& storage, const HashInfo& info) {
  Documents documents;
  storage.hashEachText(info.path, [&](const std::string& key, const std::string& text) {
    if (!documents.emplace(key, compact(text)).second)
      throw std::runtime_error(info.path + ": item " + key + " came twice");
  });
  const std::size_t length = storage.hashCount(info.path, {});
  if (length != documents.size())
    throw std::runtime_error(info.path + ": length " + std::to_string(length) + ", but " +
                             std::to_string(documents.size()) + " items");
  for (const auto& [key, text] : documents) {
    const auto found = storage.hashFindText(info.path, key);
    if (!found || compact(*found) != text)
      throw std::runtime_error(info.path + ": item " + key + " is listed, but a look-up gives " +
                               shortened(found.value_or("nothing")));
    expectLife(storage, info.path, key, text);
  }
  return documents;
}

Contents readBelow(Storage& storage, const std::string& folder) {
  Contents contents;
  std::set<std::string> hashPaths;
  for (const HashInfo& info : storage.hashes(folder)) {
    if (!info.fault.empty()) throw Error(Code::Corrupt, info.fault);
    hashPaths.insert(info.path);
    contents.hashes[info.path] = readHash(storage, info);
  }
  for (const std::string& path : storage.list(folder))
    if (!hashPaths.contains(path)) contents.records[path] = storage.get(path).dump();
  return contents;
}

std::optional<std::string> difference(const std::string& where, const Documents& found,
                                      const Documents& expected) {
  for (const auto& [key, text] : expected) {
    const auto it = found.find(key);
    if (it == found.end()) return where + key + " is lost; it was " + shortened(text);
    if (it->second != text)
      return where + key + " is " + shortened(it->second) + ", not " + shortened(text);
  }
  for (const auto& [key, text] : found)
    if (!expected.contains(key)) return where + key + " should be absent; it is " + shortened(text);
  return std::nullopt;
}

}  // namespace

Contents readAll(Storage& storage) { return readBelow(storage, ""); }

Contents readPart(Storage& storage, const std::string& folder, const std::string& hash) {
  Contents contents = readBelow(storage, folder);
  if (!storage.has(hash)) return contents;
  Documents& items = contents.hashes[hash];
  storage.hashEachText(
      hash, [&](const std::string& key, const std::string& text) { items[key] = compact(text); });
  return contents;
}

std::optional<std::string> difference(const Contents& found, const Contents& expected) {
  for (const auto& [path, documents] : expected.hashes)
    if (!found.hashes.contains(path))
      return "hash " + path + " of " + std::to_string(documents.size()) + " items is lost";
  for (const auto& [path, documents] : found.hashes) {
    if (!expected.hashes.contains(path)) return "hash " + path + " should be absent";
    if (auto differs = difference(path + ": ", documents, expected.hashes.at(path))) return differs;
  }
  return difference("record ", found.records, expected.records);
}

}  // namespace hexpage::torture
