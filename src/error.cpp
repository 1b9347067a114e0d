#include <hexpage/error.hpp>

namespace hexpage {

std::string_view name(Code code) noexcept {
  switch (code) {
    case Code::NoSuchKey:
      return "NoSuchKey";
    case Code::InvalidArgument:
      return "InvalidArgument";
    case Code::Conflict:
      return "Conflict";
    case Code::LockTimeout:
      return "LockTimeout";
    case Code::NoSpace:
      return "NoSpace";
    case Code::ReadOnly:
      return "ReadOnly";
    case Code::Corrupt:
      return "Corrupt";
    case Code::Io:
      return "Io";
  }
  return "Io";
}

}  // namespace hexpage
