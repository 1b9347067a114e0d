#include "pending_changes.hpp"

#include <utility>

#include "batch_size.hpp"

namespace hexpage {

std::size_t PendingChanges::add(Change change) {
  sizeBytes_ += hexpage::sizeBytes(change);
  batch_.changes.push_back(std::move(change));
  return end() - 1;
}

void PendingChanges::replace(std::size_t place, Change change) {
  Change& replaced = batch_.changes[place];
  sizeBytes_ += hexpage::sizeBytes(change);
  sizeBytes_ -= hexpage::sizeBytes(replaced);
  replaced = std::move(change);
}

Value PendingChanges::value(std::size_t place) const {
  const auto& put = std::get<Put>(batch_.changes[place]);
  return {put.text, put.expires};
}

const std::string& PendingChanges::text(std::size_t place) const {
  return std::get<PutRecord>(batch_.changes[place]).text;
}

void PendingChanges::clear() {
  batch_.changes.clear();
  sizeBytes_ = 0;
}

}  // namespace hexpage
