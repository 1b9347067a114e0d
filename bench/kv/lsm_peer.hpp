// What LevelDB and RocksDB, which came of it, do by the same calls.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {

// `Api` names the types of one of them: Store, Slice, Status, Batch, Iterator, ReadOptions,
// WriteOptions; and has its name.
template <class Api>
class LsmPeer : public Peer {
 public:
  void begin() override { batch_.Clear(); }
  void put(std::string_view key, std::string_view value) override {
    batch_.Put(sliceOf(key), sliceOf(value));
  }
  void erase(std::string_view key) override { batch_.Delete(sliceOf(key)); }
  void commit() override { well(store_->Write(writing_, &batch_)); }
  std::uint64_t changesInOne() const override { return 1'000; }

  void set(std::string_view key, std::string_view value) override {
    well(store_->Put(writing_, sliceOf(key), sliceOf(value)));
  }
  void each(const Visit& visit) override {
    typename Api::ReadOptions reading;
    reading.fill_cache = false;
    const std::unique_ptr<typename Api::Iterator> it(store_->NewIterator(reading));
    for (it->SeekToFirst(); it->Valid(); it->Next()) visit(textOf(it->key()), textOf(it->value()));
    well(it->status());
  }
  bool canCompact() const override { return true; }

 protected:
  using Slice = typename Api::Slice;
  using Status = typename Api::Status;

  static void well(const Status& status) {
    require(status.ok(), std::string(Api::kName) + ": " + status.ToString());
  }
  static Slice sliceOf(std::string_view text) { return {text.data(), text.size()}; }
  static std::string_view textOf(const Slice& slice) { return {slice.data(), slice.size()}; }

  void open(const typename Api::Options& options, const Settings& settings) {
    typename Api::Store* opened = nullptr;
    well(Api::Store::Open(options, settings.directory, &opened));
    store_.reset(opened);
    writing_.sync = settings.isSynced;
  }
  // Whether it was found; shows the value then.
  template <class Value>
  static bool gives(const Status& status, const Value& value, See see) {
    if (status.IsNotFound()) return false;
    well(status);
    see({value.data(), value.size()});
    return true;
  }

  std::unique_ptr<typename Api::Store> store_;

 private:
  typename Api::WriteOptions writing_;
  typename Api::Batch batch_;
};

}  // namespace hexpage::bench
