// How the program ends.
#pragma once

#include <hexpage/error.hpp>

namespace hexpage::cli {

inline constexpr int kDone = 0;
inline constexpr int kNotThere = 1;  // no such key, hash, record or store
inline constexpr int kBadUse = 2;    // bad use or bad input
inline constexpr int kCorrupt = 3;
inline constexpr int kIo = 4;
inline constexpr int kLocked = 5;

inline int exitCodeOf(Code code) {
  switch (code) {
    case Code::NoSuchKey:
      return kNotThere;
    case Code::InvalidArgument:
    case Code::Conflict:
      return kBadUse;
    case Code::Corrupt:
      return kCorrupt;
    case Code::LockTimeout:
      return kLocked;
    case Code::NoSpace:
    case Code::ReadOnly:
    case Code::Io:
      return kIo;
  }
  return kIo;
}

}  // namespace hexpage::cli
