// What a batch makes of a store in memory: made ready beside what is there, which may fail for want
// of memory and then has changed nothing, and put in its place after that without fail.
#pragma once

#include <hexpage/batch.hpp>
#include <hexpage/types.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "memory/catalog.hpp"
#include "memory/table_edit.hpp"

namespace hexpage {

// For one batch, which was checked and outlives it. From prepare() to the end of this object nobody
// else uses the shards that the batch changes, nor the catalog when the batch changes that.
class MemoryEdit {
 public:
  MemoryEdit(Catalog& catalog, Moments& moments) : catalog_(catalog), moments_(moments) {}

  Applied prepare(const Batch& batch);
  void commit() noexcept;

 private:
  // What is at a path after the changes gone through so far.
  struct Place {
    Catalog::Entry* base = nullptr;  // of the catalog, which has it at `basePath`; or
    std::string basePath{};
    std::unique_ptr<Catalog::Entry> made{};  // what the batch has made; or nothing
    std::unique_ptr<TableEdit> items{};      // changes of the items of `base`
    bool isMoved = false;                    // `basePath` is another one

    MemoryHash* hash() const { return base ? base->hash.get() : made ? made->hash.get() : nullptr; }
  };
  using Places = std::map<std::string, Place, std::less<>>;

  Place& at(const std::string& path);
  TableEdit& itemsOf(Place& place) const;
  void empty(Place& place);
  void count(const Applied& applied);

  void one(const Create& change);
  void one(const Put& change);
  void one(const Remove& change);
  void one(const Clear& change);
  void one(const Drop& change);
  void one(const Rename& change);
  void one(const PutRecord& change);
  void one(const EraseRecord& change);

  Catalog& catalog_;
  Moments& moments_;
  Places places_;
  Places::value_type* last_ = nullptr;  // most changes are of the path of the one before
  std::vector<std::pair<Catalog::Node, Place*>> nodes_;  // what is new at its path
  Applied applied_;
};

}  // namespace hexpage
