// A callable that is handed down.
#include <gtest/gtest.h>

#include <hexpage/function_ref.hpp>
#include <string>

namespace hexpage {
namespace {

int twice(int n) { return 2 * n; }

std::string calledWith(const FunctionRef<std::string(int)>& function, int n) { return function(n); }

TEST(FunctionRef, CallsWhatItRefersTo) {
  int calls = 0;
  const auto count = [&](int n) {
    ++calls;
    return std::to_string(n);
  };
  EXPECT_EQ(calledWith(count, 7), "7");
  EXPECT_EQ(calledWith([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); }, 3),
            "xxx");
  EXPECT_EQ(calls, 1);
}

TEST(FunctionRef, TakesAFunctionAndPassesOverAResult) {
  const FunctionRef<long(int)> function = twice;
  EXPECT_EQ(function(4), 8);
  const FunctionRef<void(int)> forNothing = twice;
  forNothing(4);
}

}  // namespace
}  // namespace hexpage
