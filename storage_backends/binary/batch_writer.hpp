// One batch as a transaction of the engine. Who has it is the store's only writer, so what is
// looked up stays as it is until the end.
#pragma once

#include <functional>
#include <hexpage/batch.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "binary/catalogue.hpp"
#include "binary/due_times.hpp"
#include "binary/path_lists.hpp"
#include "support/structure.hpp"

namespace hexpage {

class BatchWriter : private Structure {
 public:
  // Waits until no other writer is at work, here or in another process.
  BatchWriter(kv::Database& store, kv::Purpose purpose)
      : store_(store), change_(store.begin(purpose)), lists_(store, change_) {}

  // As Backend::applyThen. Once.
  Applied apply(const Batch& batch, const std::function<void()>& visible);

 private:
  // What stands at a path, after the changes made so far.
  struct Place : CatalogueEntry {
    bool isTouched = false;  // its items by this batch: how many there are can not be told yet
  };

  Kind kindOf(std::string_view path) override { return at(path).kind; }
  void below(std::string_view root, const std::function<bool(std::string_view)>& visit) override;

  Place& at(std::string_view path);
  bool mayHaveItems(const Place& hash) const;
  void write(std::string_view path, const CatalogueEntry& entry);
  void erase(std::string_view path);
  void dropItems(const Place& hash);
  void putExpiring(const Put& change, Place& hash);
  std::optional<Expires> expiresAt(std::string_view key, const Place& hash) const;
  OrderedKeysEdit& due(const Place& hash);

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
  std::map<kv::TreeId, OrderedKeysEdit> due_;
  Applied applied_;
  bool hasChanged_ = false;
};

}  // namespace hexpage
