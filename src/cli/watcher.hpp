// Tells what differs in a store from one look at it to the next, whoever changed it.
#pragma once

#include <cstdint>
#include <hexpage/storage.hpp>
#include <map>
#include <string>
#include <unordered_map>

#include "src/cli/output.hpp"

namespace hexpage::cli {

// Remembers a digest of each document, so it needs memory for the keys and some 60 bytes for each.
class Watcher {
 public:
  // Of hashes and records whose path begins with the prefix.
  Watcher(Storage& storage, std::string prefix, Output& out)
      : storage_(storage), prefix_(std::move(prefix)), out_(out) {}

  // Writes a line for each difference; the first time none.
  void look();

 private:
  struct Hash {
    std::unordered_map<std::string, std::uint64_t> items;  // digests of documents
    std::uint64_t options = 0;
  };

  void lookAtHash(const HashInfo& info, std::map<std::string, Hash>& seen);
  void lookAtRecords();
  void tellGone(const std::string& path, const Hash& before, const Hash& now);
  // Nothing the first time.
  void tell(const ChangeEvent& event);

  Storage& storage_;
  const std::string prefix_;
  Output& out_;
  bool isFirst_ = true;
  std::map<std::string, Hash> hashes_;
  std::map<std::string, std::uint64_t> records_;
};

}  // namespace hexpage::cli
