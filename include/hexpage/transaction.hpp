// Transaction: changes to any number of hashes and records that happen together or not at all.
#pragma once

#include <hexpage/backend.hpp>
#include <hexpage/hashes.hpp>

namespace hexpage {

// Made by Storage::begin. Has the whole hash API: its reads see its own changes; nobody else sees
// any of them until commit. It holds the writers' locks of what it uses, so that nobody else
// changes that meanwhile, and the store open until its end. For one thread at a time; move-only.
//
// Besides what the hash API throws: InvalidArgument for a hash or record that was not named at
// begin, be it read or written, for any call after the end, and for changes that take more than
// the config's `max_batch_bytes` in all. After any error but LockTimeout the transaction is open
// still, without the call that failed. hashes() and list() tell of the whole store.
class Transaction : public Hashes {
 public:
  Transaction(Transaction&&) noexcept = default;
  Transaction& operator=(Transaction&& other) noexcept;
  ~Transaction();  // rolls back unless committed

  // Makes all changes, as durable as any write. When it throws, none is made (after Io: all or
  // none). Either way the transaction is over and its locks are free.
  void commit();

  // Forgets all changes and frees the locks. Nothing happens after the end.
  void rollback() noexcept;

  // Whether neither commit nor rollback has ended it, nor an error: LockTimeout does when hashes
  // are locked as they are used.
  bool isOpen() const noexcept;

 private:
  friend class Storage;
  using Hashes::Hashes;

  Hold inside();  // while this thread runs the work of Storage::transaction
  void finish();  // commits unless the caller has ended it
};

}  // namespace hexpage
