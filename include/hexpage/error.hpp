// The one exception class of hexpage, and the few codes a caller tells apart.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace hexpage {

enum class Code {
  NoSuchKey,        // the item, hash or record is not there; the message says which
  InvalidArgument,  // bad path, key, document, option or config; nothing was done
  Conflict,         // a hash inside another hash's pages, or on a record that is no hash
  LockTimeout,      // somebody else held the lock for longer than `lock_timeout`
  NoSpace,          // disk or quota full; nothing was done
  ReadOnly,         // the store can not be written to; nothing was done
  Corrupt,          // a stored file is damaged; the message names it
  Io,               // the system refused; the message has the file and the reason
};

// "NoSuchKey", "InvalidArgument", ...
std::string_view name(Code code) noexcept;

// After NoSuchKey, InvalidArgument, Conflict, LockTimeout, NoSpace and ReadOnly the store is as it
// was before the call. After Corrupt and Io the change is wholly there or wholly absent. Want of
// memory is no Error but std::bad_alloc, after which the store is as it was before the call too.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message, int systemCode = 0)
      : std::runtime_error(message), code_(code), systemCode_(systemCode) {}

  Code code() const noexcept { return code_; }

  // The system's errno where it was the system that refused, else 0.
  int systemCode() const noexcept { return systemCode_; }

 private:
  Code code_;
  int systemCode_;
};

// InvalidArgument: more at once than `max_batch_bytes`. In pieces it would do.
class TooLarge : public Error {
 public:
  explicit TooLarge(const std::string& message) : Error(Code::InvalidArgument, message) {}
};

}  // namespace hexpage
