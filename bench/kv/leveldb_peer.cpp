#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {
namespace {

void well(const leveldb::Status& status) { require(status.ok(), "leveldb: " + status.ToString()); }
leveldb::Slice sliceOf(std::string_view text) { return {text.data(), text.size()}; }
std::string_view textOf(const leveldb::Slice& slice) { return {slice.data(), slice.size()}; }

class LevelDb : public Peer {
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
    leveldb::DB* opened = nullptr;
    well(leveldb::DB::Open(options, settings.directory, &opened));
    store_.reset(opened);
    writing_.sync = settings.isSynced;
  }

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
    thread_local std::string value;
    const leveldb::Status status = store_->Get({}, sliceOf(key), &value);
    if (status.IsNotFound()) return false;
    well(status);
    see(value);
    return true;
  }
  void each(const Visit& visit) override {
    leveldb::ReadOptions reading;
    reading.fill_cache = false;
    const std::unique_ptr<leveldb::Iterator> it(store_->NewIterator(reading));
    for (it->SeekToFirst(); it->Valid(); it->Next()) visit(textOf(it->key()), textOf(it->value()));
    well(it->status());
  }
  bool canCompact() const override { return true; }
  void compact() override { store_->CompactRange(nullptr, nullptr); }

 private:
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> store_;
  leveldb::WriteOptions writing_;
  leveldb::WriteBatch batch_;
};

}  // namespace

PeerKind levelDbKind() {
  return {"leveldb",
          "memtable 64 MiB, files 64 MiB, cache 512 MiB, bloom filter of 10 bits, no compression, "
          "batches of 1,000 for a load",
          [](const Settings& settings) { return std::make_unique<LevelDb>(settings); }};
}

}  // namespace hexpage::bench
