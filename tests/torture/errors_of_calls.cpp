#include "errors_of_calls.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace hexpage::torture {
namespace {

constexpr Wrong kInterrupted{EINTR, true};
constexpr Wrong kHalf{0, true};

bool isOneOf(const char* name, std::initializer_list<std::string_view> names) {
  for (const std::string_view each : names)
    if (each == name) return true;
  return false;
}

bool mayWait(const Call& call) {
  const auto command = static_cast<int>(call.arguments[1]);
  return isOneOf(call.name, {"fcntl"}) && (command == F_OFD_SETLKW || command == F_SETLKW);
}

}  // namespace

std::vector<Wrong> waysToFail(const Call& call) {
  switch (call.group) {
    case Group::Open:
      if (call.isChanging())
        return {{EMFILE}, {ENFILE}, {ENOMEM}, {EIO}, {ENOSPC}, {EDQUOT}, kInterrupted};
      return {{EMFILE}, {ENFILE}, {ENOMEM}, {EIO}, kInterrupted};
    case Group::Write:
      if (isOneOf(call.name, {"write", "pwrite64"}))
        return {{EIO}, {ENOSPC}, {EDQUOT}, {EFBIG}, kInterrupted, kHalf};
      return {{EIO}, {ENOSPC}, {EDQUOT}, {EFBIG}, kInterrupted};
    case Group::Sync:
      return {{EIO}, {ENOSPC}, {EDQUOT}, kInterrupted};
    case Group::Name:
      return {{EIO}, {ENOSPC}, {EDQUOT}, {ENOMEM}};
    case Group::Attribute:
      return {{EIO}, {ENOSPC}, {EDQUOT}, {EPERM}};
    case Group::Lock:
      if (!call.isChanging()) return {};
      if (mayWait(call)) return {{ENOLCK}, kInterrupted};
      return {{EAGAIN, true}, {ENOLCK}, kInterrupted};
    case Group::Read:
      if (isOneOf(call.name, {"read", "pread64"})) return {{EIO}, {ENOMEM}, kInterrupted, kHalf};
      return {{EIO}, {ENOMEM}};
    case Group::Status:
    case Group::List:
      return {{EIO}, {ENOMEM}};
    case Group::Map:
      return {{ENOMEM}};
  }
  return {};
}

std::string describe(const Wrong& wrong) {
  return wrong.error == 0 ? "half of it" : ::strerrorname_np(wrong.error);
}

}  // namespace hexpage::torture
