// Which ways of going wrong a system call has.
#pragma once

#include <string>
#include <vector>

#include "tracer.hpp"

namespace hexpage::torture {

struct Wrong {
  int error = 0;            // 0: it does only half of what it was asked for
  bool isHarmless = false;  // who calls goes on as if nothing had been
};

std::vector<Wrong> waysToFail(const Call& call);

// "ENOSPC", or "half of it".
std::string describe(const Wrong& wrong);

}  // namespace hexpage::torture
