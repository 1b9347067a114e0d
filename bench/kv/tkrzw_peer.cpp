#include <tkrzw_dbm_hash.h>

#include "bench/kv/peer.hpp"

namespace hexpage::bench {
namespace {

void well(const tkrzw::Status& status) { require(status.IsOK(), "tkrzw: " + status.GetMessage()); }

// Has no transactions: each change is there at once, and a group of them is not atomic.
class Tkrzw : public Peer {
 public:
  explicit Tkrzw(const Settings& settings) : isSynced_(settings.isSynced) {
    tkrzw::HashDBM::TuningParameters tuning;
    tuning.num_buckets = static_cast<std::int64_t>(settings.records * 2);
    well(store_.OpenAdvanced(settings.directory + "/store.tkh", true, tkrzw::File::OPEN_DEFAULT,
                             tuning));
  }
  ~Tkrzw() override { store_.Close(); }

  void begin() override {}
  void put(std::string_view key, std::string_view value) override { well(store_.Set(key, value)); }
  void erase(std::string_view key) override { store_.Remove(key); }
  void commit() override {
    if (isSynced_) well(store_.Synchronize(true));
  }
  void set(std::string_view key, std::string_view value) override { put(key, value); }
  bool read(std::string_view key, See see) override {
    Reading reading(see);
    well(store_.Process(key, &reading, false));
    return reading.isFound;
  }
  void each(const Visit& visit) override {
    Visiting visiting(visit);
    well(store_.ProcessEach(&visiting, false));
  }
  bool canCompact() const override { return true; }
  void compact() override { well(store_.Rebuild()); }

 private:
  struct Reading : tkrzw::DBM::RecordProcessor {
    explicit Reading(See see_) : see(see_) {}
    std::string_view ProcessFull(std::string_view, std::string_view value) override {
      see(value);
      isFound = true;
      return NOOP;
    }
    See see;
    bool isFound = false;
  };
  struct Visiting : tkrzw::DBM::RecordProcessor {
    explicit Visiting(const Visit& visit_) : visit(visit_) {}
    std::string_view ProcessFull(std::string_view key, std::string_view value) override {
      visit(key, value);
      return NOOP;
    }
    const Visit& visit;
  };

  tkrzw::HashDBM store_;
  bool isSynced_;
};

}  // namespace

PeerKind tkrzwKind() {
  return {"tkrzw", "HashDBM in place, mapped, two buckets a record; no transactions, no atomicity",
          [](const Settings& settings) { return std::make_unique<Tkrzw>(settings); }};
}

}  // namespace hexpage::bench
