#include <hexpage/kv.hpp>
#include <optional>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {
namespace {

class Hexpage : public Peer {
 public:
  explicit Hexpage(const Settings& settings)
      : store_(kv::Database::open(settings.directory, optionsOf(settings))) {}

  void begin() override { change_.emplace(store_.begin()); }
  void put(std::string_view key, std::string_view value) override { change_->set(key, value); }
  void erase(std::string_view key) override { change_->erase(key); }
  void commit() override {
    change_->commit();
    change_.reset();
  }

  void set(std::string_view key, std::string_view value) override { store_.set(key, value); }
  bool read(std::string_view key, See see) override { return store_.read(key, see); }
  bool hasMany() const override { return true; }
  std::size_t readMany(std::span<const std::string_view> keys, See see) override {
    std::size_t found = 0;
    for (const auto& value : store_.getMany(keys))
      if (value) {
        see(*value);
        ++found;
      }
    return found;
  }
  void each(const Visit& visit) override {
    kv::Cursor cursor = store_.cursor();
    while (const auto entry = cursor.next()) visit(entry->key, entry->value);
  }
  bool canCompact() const override { return true; }
  void compact() override { store_.compact(); }

 private:
  static kv::Options optionsOf(const Settings& settings) {
    kv::Options options;
    if (settings.isSynced) options.durability = kv::Durability::Power;
    if (settings.isIndexLeft) options.checkpointBytes = ~std::uint64_t{0};
    return options;
  }

  kv::Database store_;
  std::optional<kv::Transaction> change_;
};

}  // namespace

PeerKind hexpageKind() {
  return {"hexpage", "the defaults: a sync in the background each second; synced: power",
          [](const Settings& settings) { return std::make_unique<Hexpage>(settings); }, true, true};
}

}  // namespace hexpage::bench
