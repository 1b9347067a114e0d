// What the benchmark asks of an engine. Each does it the way its authors would.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage::bench {

struct Settings {
  std::string directory;
  std::uint64_t records = 0;  // that will be stored, for sizing
  std::uint64_t bytes = 0;    // of keys and values of all of them
  bool isSynced = false;      // each commit is to survive a loss of power
  bool isIndexLeft = false;   // put no index or checkpoint down: for what recovery costs
};

struct Pair {
  std::string_view key, value;
};
using Visit = std::function<void(std::string_view key, std::string_view value)>;
using See = void (*)(std::string_view value);

// Thread-safe, but for transactions, of which one is open at a time.
class Peer {
 public:
  // Closes the store.
  virtual ~Peer() = default;

  virtual void begin() = 0;
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;
  virtual void commit() = 0;
  // Changes a transaction should have at most; 0: any number.
  virtual std::uint64_t changesInOne() const { return 0; }

  // A transaction of its own.
  virtual void set(std::string_view key, std::string_view value) = 0;
  // Without a copy where the engine can. Whether it was there.
  virtual bool read(std::string_view key, See see) = 0;
  virtual bool hasMany() const { return false; }
  // Calls for each that is there; how many.
  virtual std::size_t readMany(std::span<const std::string_view>, See) { return 0; }
  virtual void each(const Visit& visit) = 0;
  virtual bool canCompact() const { return false; }
  virtual void compact() {}
};

struct PeerKind {
  std::string name;
  std::string settings;
  std::function<std::unique_ptr<Peer>(const Settings&)> open;
  bool takesThreads = true;
  bool hasHashes = false;  // the hash API can go over it
};

// Ours first.
const std::vector<PeerKind>& peerKinds();
// Those that were not there when this was built.
std::vector<std::string> missingPeers();

PeerKind hexpageKind();
std::vector<PeerKind> lmdbKinds();
PeerKind levelDbKind();
PeerKind rocksDbKind();
PeerKind tkrzwKind();
PeerKind sqliteKind();

// Throws what the engine says, unless it is well.
inline void require(bool isWell, const std::string& what) {
  if (!isWell) throw std::runtime_error(what);
}

}  // namespace hexpage::bench
