#include "support/read_only_backend.hpp"

#include <cerrno>
#include <hexpage/forwarding_backend.hpp>
#include <utility>

namespace hexpage {
namespace {

// Who wants to write takes a writer's lock first, so it is told before it has looked at anything.
class ReadOnlyLocks : public Locks {
 public:
  ReadOnlyLocks(Locks& inner, const std::string& reason) : inner_(inner), reason_(reason) {}

  Hold acquire(LockSpace space, std::string_view name, LockMode mode, Millis timeout,
               LockOwner owner) override {
    if (space == LockSpace::Writer && mode == LockMode::Exclusive) refuse();
    return inner_.acquire(space, name, mode, timeout, owner);
  }
  std::vector<Hold> acquireAll(std::span<const std::string_view> paths, LockMode mode,
                               Millis timeout, LockOwner owner) override {
    if (mode == LockMode::Exclusive && !paths.empty()) refuse();
    return inner_.acquireAll(paths, mode, timeout, owner);
  }
  Hold acquireItem(std::string_view, std::string_view, Millis) override { refuse(); }
  std::vector<LockEntry> list() override { return inner_.list(); }

  [[noreturn]] void refuse() const { throw Error(Code::ReadOnly, reason_); }

 private:
  Locks& inner_;
  const std::string reason_;
};

class ReadOnlyBackend : public ForwardingBackend {
 public:
  ReadOnlyBackend(std::unique_ptr<Backend> backend, const std::string& reason)
      : ForwardingBackend(std::move(backend)), locks_(inner().locks(), reason) {}

  Applied apply(const Batch&) override { locks_.refuse(); }
  void accept(std::span<const std::string>, Report&) override { locks_.refuse(); }
  void repair(Report& report, bool dryRun) override {
    if (!dryRun) locks_.refuse();
    inner().repair(report, true);
  }
  std::uint64_t compact(const CompactProgress&) override { locks_.refuse(); }
  void adopt(std::string_view) override { locks_.refuse(); }
  Locks& locks() override { return locks_; }

 private:
  ReadOnlyLocks locks_;
};

}  // namespace

std::unique_ptr<Backend> makeReadOnly(std::unique_ptr<Backend> backend, std::string reason) {
  return std::make_unique<ReadOnlyBackend>(std::move(backend), reason);
}

bool isRefusedToWrite(const Error& refusal) {
  const int error = refusal.systemCode();
  return refusal.code() == Code::NoSpace || error == EACCES || error == EPERM || error == EROFS;
}

std::string openedToReadOnly(const std::string& baseDir, const Error& refusal) {
  return baseDir +
         ": opened for reading only, for want of what it takes to write: " + refusal.what();
}

}  // namespace hexpage
