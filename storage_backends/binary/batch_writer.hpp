// One batch as a transaction of the engine. Who has it is the store's only writer, so what is
// looked up stays as it is until the end.
#pragma once

#include <functional>
#include <hexpage/batch.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>
#include <map>
#include <string>
#include <string_view>

#include "binary/catalogue.hpp"
#include "binary/path_lists.hpp"
#include "support/structure.hpp"

namespace hexpage {

class BatchWriter : private Structure {
 public:
  // Waits until no other writer is at work, here or in another process.
  explicit BatchWriter(kv::Database& store)
      : store_(store), change_(store.begin()), lists_(store, change_) {}

  // As Backend::applyThen. Once.
  Applied apply(const Batch& batch, const std::function<void()>& visible);

 private:
  // What stands at a path, after the changes made so far.
  struct Place : CatalogueEntry {
    std::int64_t grown = 0;  // items more in the tree than the store has yet
  };

  Kind kindOf(std::string_view path) override { return at(path).kind; }
  void below(std::string_view root, const std::function<bool(std::string_view)>& visit) override;

  Place& at(std::string_view path);
  std::uint64_t length(const Place& hash) const;
  void write(std::string_view path, const CatalogueEntry& entry);
  void erase(std::string_view path);
  void dropItems(Place& hash);

  void make(const Create& change);
  void make(const Put& change);
  void make(const Remove& change);
  void make(const Clear& change);
  void make(const Drop& change);
  void make(const Rename& change);
  void make(const PutRecord& change);
  void make(const EraseRecord& change);

  kv::Database& store_;
  kv::Transaction change_;
  PathListEdit lists_;
  std::map<std::string, Place, std::less<>> places_;
  Applied applied_;
  bool hasChanged_ = false;
};

}  // namespace hexpage
