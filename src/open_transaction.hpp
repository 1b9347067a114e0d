// An open transaction: which hashes and records it may use, the writers' locks that it holds, and
// its end.
#pragma once

#include <hexpage/backend.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hexpage {

class HeldHere;
class Overlay;
struct Session;

class OpenTransaction {
 public:
  // A session that sees the base as the transaction does. Locks what is named; without names
  // (nullopt) each path is locked when it is entered.
  static std::shared_ptr<Session> begin(std::shared_ptr<Session> base,
                                        const std::optional<std::vector<std::string>>& names,
                                        std::optional<Millis> timeout = std::nullopt);

  OpenTransaction(std::shared_ptr<Session> base, Overlay& overlay);
  ~OpenTransaction();

  // While it is held, this thread runs the user's work in the transaction.
  std::shared_ptr<HeldHere> inside();

  // To be called before a path is read or written. Throws InvalidArgument for one that was not
  // named, or when the transaction is over. LockTimeout ends the transaction.
  void enter(const std::string& path);

  // Ends it; when that throws, nothing was done and it has ended too.
  void commit();
  void rollback() noexcept;
  bool isOpen() const noexcept { return end_ == nullptr; }
  bool isEndedByCaller() const noexcept { return isEndedByCaller_; }

 private:
  void lockNamed(const std::vector<std::string>& names, std::optional<Millis> timeout);
  void lock(const std::string& path);
  void requireOpen() const;
  void end(const char* how) noexcept;

  std::shared_ptr<Session> base_;  // kept until the end, so that the store stays open
  Overlay& overlay_;
  const LockOwner owner_ = newLockOwner();
  bool isNamed_ = false;
  std::set<std::string> paths_;  // those named, or entered so far
  std::vector<Hold> holds_;
  const char* end_ = nullptr;     // how it ended
  bool isEndedByCaller_ = false;  // else by an error
};

}  // namespace hexpage
