// Lock: a lock of the user's own, held.
#pragma once

#include <hexpage/backend.hpp>
#include <string>
#include <utility>

namespace hexpage {

// Made by Storage::lock and its kin; the destructor frees it. Move-only; may be destroyed by any
// thread. The locks of a process that ends are free.
class Lock {
 public:
  Lock(Lock&&) noexcept = default;
  Lock& operator=(Lock&&) noexcept = default;

  const std::string& name() const noexcept { return name_; }

  // Frees it before its time.
  void unlock() noexcept { hold_.free(); }

 private:
  friend class Storage;
  Lock(std::string name, Hold hold) : name_(std::move(name)), hold_(std::move(hold)) {}

  std::string name_;
  Hold hold_;
};

}  // namespace hexpage
