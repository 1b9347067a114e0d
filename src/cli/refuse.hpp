// What the program says to what it was given and can not take.
#pragma once

#include <hexpage/error.hpp>
#include <string>

namespace hexpage::cli {

[[noreturn]] inline void refuse(const std::string& why) { throw Error(Code::InvalidArgument, why); }

}  // namespace hexpage::cli
