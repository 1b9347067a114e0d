// Which hashes and records may stand where, decided for a whole batch before any of it is done.
#pragma once

#include <functional>
#include <hexpage/batch.hpp>
#include <string_view>

namespace hexpage {

enum class Kind { None, Record, Hash };

// What stands in a store now.
class Structure {
 public:
  virtual ~Structure() = default;

  virtual Kind kindOf(std::string_view path) = 0;
  // Calls visit with each hash and record at `root` or below it, hidden ones too, until it gives
  // true.
  virtual void below(std::string_view root, const std::function<bool(std::string_view)>& visit) = 0;
};

// Throws what Backend::apply promises to throw of this batch; goes through its changes in order.
void checkStructure(const Batch& batch, Structure& structure);

// Whether the batch makes, moves or removes a hash or a record; otherwise it only changes items.
bool isStructural(const Batch& batch, Structure& structure);

// Whether the batch does nothing but take items, hashes and records away.
bool isRemovalOnly(const Batch& batch);

}  // namespace hexpage
