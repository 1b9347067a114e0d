// What time it is, for what expires. Tests give a Storage a clock that they set.
#pragma once

#include <chrono>
#include <functional>
#include <hexpage/types.hpp>

namespace hexpage {

// Milliseconds since 1970-01-01 UTC, above 0. Called by any thread, also by several at once.
using WallClock = std::function<Expires()>;

inline Expires systemTime() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<Millis>(now).count();
}

// Whether the time has come of what expires then.
inline bool isExpired(Expires expires, Expires now) { return expires != 0 && expires <= now; }

}  // namespace hexpage
