#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include "bench/kv/lsm_peer.hpp"

namespace hexpage::bench {
namespace {

struct LevelDbApi {
  static constexpr const char* kName = "leveldb";
  using Store = leveldb::DB;
  using Options = leveldb::Options;
  using Slice = leveldb::Slice;
  using Status = leveldb::Status;
  using Batch = leveldb::WriteBatch;
  using Iterator = leveldb::Iterator;
  using ReadOptions = leveldb::ReadOptions;
  using WriteOptions = leveldb::WriteOptions;
};

class LevelDb : public LsmPeer<LevelDbApi> {
 public:
  explicit LevelDb(const Settings& settings)
      : cache_(leveldb::NewLRUCache(std::size_t{512} << 20)),
        filter_(leveldb::NewBloomFilterPolicy(10)) {
    leveldb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = std::size_t{64} << 20;
    options.max_file_size = std::size_t{64} << 20;
    options.max_open_files = 10'000;
    options.block_cache = cache_.get();
    options.filter_policy = filter_.get();
    options.compression = leveldb::kNoCompression;
    open(options, settings);
  }
  // Before what it uses.
  ~LevelDb() override { store_.reset(); }

  bool read(std::string_view key, See see) override {
    thread_local std::string value;
    return gives(store_->Get({}, sliceOf(key), &value), value, see);
  }
  void compact() override { store_->CompactRange(nullptr, nullptr); }

 private:
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
};

}  // namespace

PeerKind levelDbKind() {
  return {"leveldb",
          "memtable 64 MiB, files 64 MiB, cache 512 MiB, bloom filter of 10 bits, no compression, "
          "batches of 1,000 for a load",
          [](const Settings& settings) { return std::make_unique<LevelDb>(settings); }};
}

}  // namespace hexpage::bench
