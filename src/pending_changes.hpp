// The changes of a transaction in their order, until commit applies them as one batch. A change
// that takes the place of an earlier one can do so here too, so that counting in one item a
// thousand times is one change.
#pragma once

#include <cstddef>
#include <hexpage/batch.hpp>
#include <string>

namespace hexpage {

class PendingChanges {
 public:
  // Gives the place of the change. Does not fail when there is room for it.
  std::size_t add(Change change);
  void reserve(std::size_t more);
  void exchange(std::size_t place, Change& other) noexcept;
  void removeLast() noexcept;

  // What the Put at that place stores, and the text that the PutRecord does.
  Value value(std::size_t place) const;
  const std::string& text(std::size_t place) const;

  // Where the next change goes.
  std::size_t end() const { return batch_.changes.size(); }
  std::size_t sizeBytes() const { return sizeBytes_; }
  const Batch& batch() const { return batch_; }
  void clear();

 private:
  Batch batch_;
  std::size_t sizeBytes_ = 0;
};

}  // namespace hexpage
