// Times to live as people write them.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <string_view>

namespace hexpage::cli {

// "1500" or "1500ms", "30s", "5m", "2h", "7d": a whole number above 0. Throws InvalidArgument that
// says `what` it is none of.
Millis parseDuration(std::string_view text, const std::string& what = "time to live");

}  // namespace hexpage::cli
