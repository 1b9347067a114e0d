// Whether bytes are refused as damaged.
#pragma once

#include <gtest/gtest.h>

#include <hexpage/error.hpp>

namespace hexpage::testing {

// Decodes, or is refused as Corrupt; anything else escapes and fails the test.
template <class Decode>
bool isRefused(Decode decode) {
  try {
    decode();
    return false;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::Corrupt);
    return true;
  }
}

}  // namespace hexpage::testing
