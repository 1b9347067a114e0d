// What each thread knows of the hashes that it used last, so that a call need not read the entry of
// its hash in the catalogue. It is believed as long as the entry is the record that it was: that
// costs a look at the index, and is right whoever changes the catalogue, here or in another
// process.
#pragma once

#include <atomic>
#include <cstdint>
#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "binary/options_cache.hpp"

namespace hexpage {

struct KnownHash {
  kv::TreeId items = 0;
  kv::TreeId due = 0;  // as CatalogueEntry::due
  std::shared_ptr<const Json> options;
};

// Thread-safe.
class KnownHashes {
 public:
  // nullopt when there is no hash at the path.
  std::optional<KnownHash> find(const kv::View& view, std::string_view path);
  // The tree of its items.
  std::optional<kv::TreeId> itemsOf(const kv::View& view, std::string_view path);

  // The store is another one from here on. No other call goes on.
  void forget() { store_ = newStore(); }

 private:
  static std::uint64_t newStore();
  const KnownHash* known(const kv::View& view, std::string_view path);

  std::uint64_t store_ = newStore();  // what the threads know it by
  OptionsCache options_;
};

}  // namespace hexpage
