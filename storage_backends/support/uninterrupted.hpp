// A system call again for as long as a signal comes in between.
#pragma once

#include <cerrno>

namespace hexpage {

// `call` gives what the system does: less than 0 with errno when it failed.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace hexpage
