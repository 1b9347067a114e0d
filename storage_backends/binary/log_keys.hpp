// How the index reads the keys of the log's records.
#pragma once

#include "binary/frame_check.hpp"
#include "binary/index.hpp"
#include "binary/log.hpp"
#include "support/checksum.hpp"

namespace hexpage::kv {

class LogKeys : public Keys {
 public:
  // Each record is checked before its key is believed.
  LogKeys(const Log& log, std::uint64_t seed, FrameCheck check)
      : log_(log), seed_(seed), check_(check) {}

  std::string_view keyAt(Address address) const override {
    check_.check(log_, address);
    return log_.record(address).record.key;
  }
  // Seeded, so that nobody can choose keys that end in one page.
  std::uint64_t hashOf(std::string_view key) const override { return checksum(key, seed_); }

 private:
  const Log& log_;
  std::uint64_t seed_;
  FrameCheck check_;
};

}  // namespace hexpage::kv
