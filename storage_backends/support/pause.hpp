// What a thread does between two looks at what another is about to change.
#pragma once

namespace hexpage {

inline void pauseAMoment() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

}  // namespace hexpage
