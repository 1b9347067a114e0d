#include "binary/catalogue.hpp"

#include <hexpage/error.hpp>

#include "support/bytes.hpp"

namespace hexpage {
namespace {

constexpr char kHash = 'h';
constexpr char kRecord = 'r';

[[noreturn]] void throwCorrupt(std::string_view path) {
  throw Error(Code::Corrupt, "the catalogue has no sense at " + std::string(path) +
                                 "; run `hexpage verify`, and `hexpage repair`");
}

}  // namespace

std::string encodeEntry(const CatalogueEntry& entry) {
  std::string bytes(1, entry.kind == Kind::Hash ? kHash : kRecord);
  if (entry.kind == Kind::Hash) putVarint(bytes, entry.items);
  return bytes += entry.text;
}

CatalogueEntry decodeEntry(std::string_view bytes, std::string_view path) {
  if (bytes.empty()) throwCorrupt(path);
  ByteReader reader(bytes.substr(1), path);
  if (bytes[0] == kRecord) return {Kind::Record, 0, std::string(reader.take(reader.left()))};
  if (bytes[0] != kHash) throwCorrupt(path);
  const kv::TreeId items = reader.varint();
  return {Kind::Hash, items, std::string(reader.take(reader.left()))};
}

CatalogueEntry entryAt(const kv::View& view, std::string_view path) {
  CatalogueEntry entry;
  view.read(
      path, [&](std::string_view bytes) { entry = decodeEntry(bytes, path); }, kCatalogue);
  return entry;
}

std::optional<kv::TreeId> itemsAt(const kv::View& view, std::string_view path) {
  std::optional<kv::TreeId> items;
  view.read(
      path,
      [&](std::string_view bytes) {
        if (bytes.starts_with(kHash)) items = ByteReader(bytes.substr(1), path).varint();
      },
      kCatalogue);
  return items;
}

std::string encodeItem(std::string_view text, Expires expires) {
  std::string value;
  value.reserve(text.size() + varintSize(static_cast<std::uint64_t>(expires)));
  putVarint(value, static_cast<std::uint64_t>(expires));
  return value += text;
}

StoredItem decodeItem(std::string_view value, std::string_view path) {
  ByteReader reader(value, path);
  const auto expires = static_cast<Expires>(reader.varint());
  return {expires, reader.take(reader.left())};
}

}  // namespace hexpage
