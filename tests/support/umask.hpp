// Sets the umask for as long as it lives.
#pragma once

#include <sys/stat.h>

namespace hexpage::testing {

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }

 private:
  const mode_t before_;
};

}  // namespace hexpage::testing
