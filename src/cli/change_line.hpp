// A change of a store as a line of JSON.
#pragma once

#include <hexpage/change_event.hpp>
#include <string>

namespace hexpage::cli {

// {"change":"put","path":"users","key":"ann","value":{...}}, and as far as there are such:
// "expires" in ms, "from".
std::string changeLine(const ChangeEvent& event);

}  // namespace hexpage::cli
