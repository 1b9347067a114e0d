// What every call of the hash API stands on: a store or, in a transaction, the store as that sees
// it.
#pragma once

#include <hexpage/backend.hpp>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "item_locks.hpp"
#include "living_items.hpp"

namespace hexpage {

class DatabaseSaver;
class Events;
class OpenTransaction;
class Sweeper;
class Storage;

struct Session {
  Session();
  ~Session();

  std::unique_ptr<Events> events;  // null in a transaction, whose changes its store publishes
  std::unique_ptr<LivingItems> backend;
  std::unique_ptr<OpenTransaction> transaction;  // null outside of one
  std::size_t pageSize = kDefaultPageSize;       // of a hash whose creator names none
  bool lowerCasePaths = true;
  Millis lockTimeout{30'000};
  std::size_t maxBatchBytes = kDefaultMaxBatchBytes;
  ItemLocks itemLocks;
  std::unique_ptr<Sweeper> sweeper;      // as `saver`
  std::unique_ptr<DatabaseSaver> saver;  // null unless the config wants it; ends before the backend

  // The writers' locks of these paths, taken in one fixed order, equal ones once. A transaction has
  // them already.
  std::vector<Hold> lockForWriting(std::initializer_list<std::string_view> paths) {
    return lockForWriting(paths, lockTimeout);
  }
  std::vector<Hold> lockForWriting(std::initializer_list<std::string_view> paths, Millis timeout);

  // Backend::apply of a batch that is not too large; otherwise throws InvalidArgument.
  Applied apply(const Batch& batch);
  // The same, and frees the locks held for it as soon as others may go on.
  Applied apply(const Batch& batch, std::vector<Hold>& held);

  // As a caller named it to as it is stored. Throws InvalidArgument that says why, in a transaction
  // also for a path that it must not use; one without names locks the path here.
  std::string path(std::string_view named);
  // A prefix of paths: no rule but the normalisation holds for it.
  std::string prefix(std::string_view named) const;
};

// What an open store stands on.
Session& sessionOf(Storage& storage);

// Throws InvalidArgument unless it can name an item.
void checkKey(std::string_view key);

}  // namespace hexpage
