// What finds the disk full is tried again with the room that can be made for it.
#pragma once

#include <hexpage/error.hpp>

namespace hexpage::kv {

// Gives what `write` gives; does it again after NoSpace as long as `makeRoom`, asked for a bool,
// has made some.
template <class MakeRoom, class Write>
auto writeWithRoom(MakeRoom makeRoom, Write write) {
  for (;;) {
    try {
      return write();
    } catch (const Error& error) {
      if (error.code() != Code::NoSpace || !makeRoom()) throw;
    }
  }
}

}  // namespace hexpage::kv
