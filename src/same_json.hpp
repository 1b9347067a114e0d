// Whether two documents say the same.
#pragma once

#include <hexpage/types.hpp>

namespace hexpage {

// The order of members does not matter, nor does the type of a number: 1 is 1.0. Whole numbers of
// 64 bits compare exactly, others as doubles.
bool sameJson(const Json& a, const Json& b);

}  // namespace hexpage
