#include "binary/catalogue.hpp"

#include <hexpage/error.hpp>

#include "support/bytes.hpp"

namespace hexpage {
namespace {

constexpr char kHash = 'h';
constexpr char kExpiringHash = 'e';
constexpr char kRecord = 'r';

bool isHash(std::string_view entry) {
  return entry.starts_with(kHash) || entry.starts_with(kExpiringHash);
}

[[noreturn]] void throwCorrupt(std::string_view path) {
  throw Error(Code::Corrupt, "the catalogue has no sense at " + std::string(path) +
                                 "; run `hexpage verify`, and `hexpage repair`");
}

}  // namespace

std::string encodeEntry(const CatalogueEntry& entry) {
  std::string bytes(1, entry.kind == Kind::Record ? kRecord
                       : entry.due == 0           ? kHash
                                                  : kExpiringHash);
  if (entry.kind == Kind::Hash) putVarint(bytes, entry.items);
  if (entry.due != 0) putVarint(bytes, entry.due);
  return bytes += entry.text;
}

CatalogueEntry decodeEntry(std::string_view bytes, std::string_view path) {
  if (bytes.empty()) throwCorrupt(path);
  ByteReader reader(bytes.substr(1), path);
  CatalogueEntry entry{Kind::Record};
  if (bytes[0] != kRecord) {
    if (!isHash(bytes)) throwCorrupt(path);
    entry.kind = Kind::Hash;
    entry.items = reader.varint();
    if (bytes[0] == kExpiringHash) entry.due = reader.varint();
  }
  entry.text = reader.take(reader.left());
  return entry;
}

CatalogueEntry entryAt(const kv::View& view, std::string_view path) {
  CatalogueEntry entry;
  view.read(
      path, [&](std::string_view bytes) { entry = decodeEntry(bytes, path); }, kCatalogue);
  return entry;
}

std::optional<kv::TreeId> itemsOf(std::string_view bytes, std::string_view path) {
  if (!isHash(bytes)) return std::nullopt;
  return ByteReader(bytes.substr(1), path).varint();
}

std::optional<kv::TreeId> itemsAt(const kv::View& view, std::string_view path) {
  std::optional<kv::TreeId> items;
  view.read(
      path, [&](std::string_view bytes) { items = itemsOf(bytes, path); }, kCatalogue);
  return items;
}

StoredItem decodeItem(std::string_view value, std::string_view path) {
  ByteReader reader(value, path);
  const auto expires = static_cast<Expires>(reader.varint());
  return {expires, reader.take(reader.left())};
}

}  // namespace hexpage
