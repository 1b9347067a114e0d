// One writer of a race: does random operations on hashes that others work on too, and holds every
// answer against the ledger. Throws std::runtime_error at the first that can not be.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <hexpage/hexpage.hpp>
#include <string>

#include "ledger.hpp"
#include "tests/support/random.hpp"

namespace hexpage::torture {

class Racer {
 public:
  // `slot` is this writer's own; nobody else uses it at the same time, but an earlier one may have
  // been killed in it.
  Racer(Ledger& ledger, std::size_t slot, std::uint64_t seed)
      : ledger_(ledger), slot_(slot), random_(seed) {}

  // What the hashes hold before anybody races.
  static void prepare(Storage& storage);

  // Looks at what an earlier writer in this slot left: each of its registers is as acknowledged, or
  // as the open change would have it.
  void takeOver(Storage& storage);

  // One random operation.
  void step(Storage& storage);

  // Looks at everything, when nobody races any more.
  static void judgeAll(Storage& storage, Ledger& ledger);

 private:
  void writeRegister(Storage& storage, std::size_t n);
  void readRegister(Storage& storage, std::size_t slot, std::size_t n);
  void increment(Storage& storage, std::size_t n);
  void readCounter(Storage& storage, std::size_t n);
  void putTogether(Storage& storage);
  void readTogether(Storage& storage);
  void transfer(Storage& storage);
  void sumUp(Storage& storage);

  Ledger& ledger_;
  std::size_t slot_;
  hexpage::testing::Random random_;
};

}  // namespace hexpage::torture
