#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {
namespace {

void well(const rocksdb::Status& status) { require(status.ok(), "rocksdb: " + status.ToString()); }
rocksdb::Slice sliceOf(std::string_view text) { return {text.data(), text.size()}; }

class RocksDb : public Peer {
 public:
  explicit RocksDb(const Settings& settings) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = std::size_t{128} << 20;
    options.max_write_buffer_number = 4;
    options.max_background_jobs = 2;
    options.compression = rocksdb::kNoCompression;
    options.level_compaction_dynamic_level_bytes = true;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(std::size_t{1} << 30);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::DB* opened = nullptr;
    well(rocksdb::DB::Open(options, settings.directory, &opened));
    store_.reset(opened);
    writing_.sync = settings.isSynced;
  }
  ~RocksDb() override { store_->Close(); }

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
  bool read(std::string_view key, See see) override {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        store_->Get({}, store_->DefaultColumnFamily(), sliceOf(key), &value);
    if (status.IsNotFound()) return false;
    well(status);
    see({value.data(), value.size()});
    return true;
  }
  bool hasMany() const override { return true; }
  std::size_t readMany(std::span<const std::string_view> keys, See see) override {
    std::vector<rocksdb::Slice> slices;
    for (const std::string_view key : keys) slices.push_back(sliceOf(key));
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    store_->MultiGet({}, store_->DefaultColumnFamily(), keys.size(), slices.data(), values.data(),
                     statuses.data());
    std::size_t found = 0;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (statuses[i].ok()) {
        see({values[i].data(), values[i].size()});
        ++found;
      }
    return found;
  }
  void each(const Visit& visit) override {
    rocksdb::ReadOptions reading;
    reading.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(store_->NewIterator(reading));
    for (it->SeekToFirst(); it->Valid(); it->Next())
      visit({it->key().data(), it->key().size()}, {it->value().data(), it->value().size()});
    well(it->status());
  }
  bool canCompact() const override { return true; }
  void compact() override { well(store_->CompactRange({}, nullptr, nullptr)); }

 private:
  std::unique_ptr<rocksdb::DB> store_;
  rocksdb::WriteOptions writing_;
  rocksdb::WriteBatch batch_;
};

}  // namespace

PeerKind rocksDbKind() {
  return {"rocksdb",
          "4 memtables of 128 MiB, cache 1 GiB, bloom filter of 10 bits, hash index in blocks, "
          "dynamic levels, 2 background jobs, no compression, batches of 1,000 for a load",
          [](const Settings& settings) { return std::make_unique<RocksDb>(settings); }};
}

}  // namespace hexpage::bench
