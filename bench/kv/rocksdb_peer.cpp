#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include "bench/kv/lsm_peer.hpp"

namespace hexpage::bench {
namespace {

struct RocksDbApi {
  static constexpr const char* kName = "rocksdb";
  using Store = rocksdb::DB;
  using Options = rocksdb::Options;
  using Slice = rocksdb::Slice;
  using Status = rocksdb::Status;
  using Batch = rocksdb::WriteBatch;
  using Iterator = rocksdb::Iterator;
  using ReadOptions = rocksdb::ReadOptions;
  using WriteOptions = rocksdb::WriteOptions;
};

class RocksDb : public LsmPeer<RocksDbApi> {
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
    open(options, settings);
  }
  ~RocksDb() override { store_->Close(); }

  bool read(std::string_view key, See see) override {
    rocksdb::PinnableSlice value;
    const Status status = store_->Get({}, store_->DefaultColumnFamily(), sliceOf(key), &value);
    return gives(status, value, see);
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
  void compact() override { well(store_->CompactRange({}, nullptr, nullptr)); }
};

}  // namespace

PeerKind rocksDbKind() {
  return {"rocksdb",
          "4 memtables of 128 MiB, cache 1 GiB, bloom filter of 10 bits, hash index in blocks, "
          "dynamic levels, 2 background jobs, no compression, batches of 1,000 for a load",
          [](const Settings& settings) { return std::make_unique<RocksDb>(settings); }};
}

}  // namespace hexpage::bench
