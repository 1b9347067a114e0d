#include "bench/kv/peer.hpp"

namespace hexpage::bench {

const std::vector<PeerKind>& peerKinds() {
  static const std::vector<PeerKind> kinds = [] {
    std::vector<PeerKind> all{hexpageKind()};
#ifdef HEXPAGE_BENCH_LMDB
    for (PeerKind& kind : lmdbKinds()) all.push_back(std::move(kind));
#endif
#ifdef HEXPAGE_BENCH_TKRZW
    all.push_back(tkrzwKind());
#endif
#ifdef HEXPAGE_BENCH_LEVELDB
    all.push_back(levelDbKind());
#endif
#ifdef HEXPAGE_BENCH_ROCKSDB
    all.push_back(rocksDbKind());
#endif
#ifdef HEXPAGE_BENCH_SQLITE
    all.push_back(sqliteKind());
#endif
    return all;
  }();
  return kinds;
}

std::vector<std::string> missingPeers() {
  return {
#ifndef HEXPAGE_BENCH_LMDB
      "lmdb (liblmdb-dev)",
#endif
#ifndef HEXPAGE_BENCH_TKRZW
      "tkrzw (libtkrzw-dev)",
#endif
#ifndef HEXPAGE_BENCH_LEVELDB
      "leveldb (libleveldb-dev)",
#endif
#ifndef HEXPAGE_BENCH_ROCKSDB
      "rocksdb (librocksdb-dev)",
#endif
#ifndef HEXPAGE_BENCH_SQLITE
      "sqlite (libsqlite3-dev)",
#endif
  };
}

}  // namespace hexpage::bench
