// Renames of large hashes in a batch with other changes. The records of a large hash are moved as
// they are, which is done again after a crash; so a move must find its source as it was, or gone:
// nothing else of the batch may concern that hash, or come to where it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <hexpage/backend.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/hidden_hash.hpp"

namespace hexpage {

// Whether the change at this place of the batch is a rename whose source no other change concerns,
// whose destination none concerns that comes behind it, and those before have left empty.
bool standsAlone(const Batch& batch, std::size_t place);
// Whether any other change of the batch concerns the destination of the rename at this place.
bool hasOthersAtDestination(const Batch& batch, std::size_t place);

// A batch that comes to the same as another one, and in which renames of large hashes stand alone:
// a large hash that is changed too is copied into a hidden one and changed there, in batches of
// bounded size; the copy is renamed then.
class SeparatedBatch {
 public:
  using IsLarge = std::function<bool(const std::string& path)>;

  // The caller holds the writers' locks of all hashes of the batch, which can be applied. Until
  // kept(), the copies go with this object.
  SeparatedBatch(Backend& backend, const Batch& batch, const IsLarge& isLarge);

  const Batch& batch() const { return separated_; }
  // The batch was applied, and that gave `applied`: what the other one would have given.
  Applied kept(Applied applied);

 private:
  void copy(const std::string& path);
  void drop(const std::string& path);
  template <class Item>
  void inCopy(const std::string& path, Item change);
  void flush();
  bool isThere(const std::string& path, std::size_t before) const;
  void one(const Create& change);
  void one(const Put& change);
  void one(const Remove& change);
  void one(const Clear& change);
  void one(const Drop& change);
  void one(const Rename& change);
  void one(const PutRecord& change);
  void one(const EraseRecord& change);

  Backend& backend_;
  Batch separated_;
  std::vector<std::unique_ptr<HiddenHash>> all_;
  std::map<std::string, HiddenHash*, std::less<>> copies_;  // by the path that a copy stands for
  Batch pending_;                                           // changes of copies
  std::size_t pendingBytes_ = 0;
  Applied inCopies_;
  std::uint64_t copied_ = 0;  // items that are dropped where they were
};

}  // namespace hexpage
