// What a transaction that BatchWriter made stands for: the changes of its batch, from the records
// in the log. Those that changed nothing are not there.
//
// A hash's items are in a tree of its own, so a record of an item tells its hash only to who knows
// which that was at the time: the records of the catalogue keep that up to date here. An entry with
// another tree than before says what happened:
//
//   the tree of another path    that hash was moved here; the next record erases where it was
//   a new one, a hash before    it was cleared
//   a new one, none before      it was created
//
// One with the same tree has only got a list of when its items expire. Lists are passed over.
#pragma once

#include <hexpage/batch.hpp>
#include <hexpage/kv.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "binary/catalogue.hpp"
#include "binary/hash_trees.hpp"

namespace hexpage {

class BatchReader {
 public:
  // Of what was committed after the moment that `trees` is of.
  explicit BatchReader(HashTrees trees) : trees_(std::move(trees)) {}

  // The transaction's changes, in their order. Throws Corrupt.
  void add(const kv::Committed& change);

  // At the transaction's end. nullopt when it was no batch: it has given a hash items that were
  // there before.
  std::optional<Batch> take();

 private:
  void addEntry(std::string_view path, std::string_view value);
  void addHash(std::string_view path, CatalogueEntry entry);
  void addErasure(std::string_view path);
  void addItem(const std::string& hash, const kv::Committed& change);

  HashTrees trees_;
  Batch batch_;
  std::set<kv::TreeId> made_;  // by this transaction
  std::string movedFrom_;      // a hash whose entry is still to be erased
  bool isBatch_ = true;
};

}  // namespace hexpage
