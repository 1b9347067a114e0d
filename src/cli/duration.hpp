// Times to live as people write them.
#pragma once

#include <hexpage/types.hpp>
#include <string_view>

namespace hexpage::cli {

// "1500" or "1500ms", "30s", "5m", "2h", "7d": a whole number above 0. Throws InvalidArgument.
Millis parseDuration(std::string_view text);

}  // namespace hexpage::cli
