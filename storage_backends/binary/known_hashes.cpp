#include "binary/known_hashes.hpp"

#include <array>
#include <functional>
#include <string>

#include "binary/catalogue.hpp"
#include "support/keyed_hash.hpp"

namespace hexpage {
namespace {

struct Memory {
  std::uint64_t store = 0;  // 0: of none
  std::string path{};
  kv::RecordId entry{};
  KnownHash hash{};
};

Memory& memoryOf(std::string_view path) {
  thread_local std::array<Memory, 16> memories;
  return memories[keyedHash(path) % memories.size()];
}

}  // namespace

std::uint64_t KnownHashes::newStore() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::optional<KnownHash> KnownHashes::find(const kv::View& view, std::string_view path) {
  const KnownHash* const hash = known(view, path);
  return hash ? std::optional(*hash) : std::nullopt;
}

std::optional<kv::TreeId> KnownHashes::itemsOf(const kv::View& view, std::string_view path) {
  const KnownHash* const hash = known(view, path);
  return hash ? std::optional(hash->items) : std::nullopt;
}

// Holds until the thread calls it again. The record is named before it is read: if another comes in
// its place between the two, what was read is not believed the next time.
const KnownHash* KnownHashes::known(const kv::View& view, std::string_view path) {
  Memory& memory = memoryOf(path);
  if (memory.store == store_ && memory.path == path && view.has(memory.entry, kCatalogue))
    return &memory.hash;
  const auto entry = view.idOf(path, kCatalogue);
  if (!entry) return nullptr;
  memory.store = 0;
  const auto learn = [&](std::string_view bytes) {
    const CatalogueEntry found = decodeEntry(bytes, path);
    if (found.kind != Kind::Hash) return;
    memory = {
        store_, std::string(path), *entry, {found.items, found.due, options_.of(found.text, path)}};
  };
  view.read(path, std::ref(learn), kCatalogue);
  return memory.store == store_ ? &memory.hash : nullptr;
}

}  // namespace hexpage
