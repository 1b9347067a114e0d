// toText() writes what Json::dump() does.
#include <gtest/gtest.h>

#include <cstdint>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <limits>

#include "tests/support/failing_calls.hpp"
#include "tests/support/stores.hpp"

namespace hexpage {
namespace {

TEST(ToText, IsWhatDumpWrites) {
  std::string ascii;
  for (int c = 0; c < 0x80; ++c) ascii += static_cast<char>(c);
  const Json values = {Json(),
                       true,
                       false,
                       0,
                       -1,
                       1.0,
                       -0.0,
                       0.1,
                       1e22,
                       1e-7,
                       5e-324,
                       123456789.125,
                       std::numeric_limits<std::int64_t>::min(),
                       std::numeric_limits<std::uint64_t>::max(),
                       std::numeric_limits<double>::max(),
                       "",
                       ascii,
                       "ä€😀",
                       Json::array(),
                       Json::object(),
                       {{ascii, {1, {2, {}}}}, {"", {{"a", {{"b", {}}}}}}}};
  for (const Json& value : values) EXPECT_EQ(toText(value), value.dump());
  EXPECT_EQ(toText(values), values.dump());
}

TEST(ToText, RefusesWhatIsNoUtf8) {
  const Json cut = {{"a", "\xe2\x82"}, {"b", "\xac"}};
  EXPECT_EQ(testing::failureOf([&] { toText(cut); }), Code::InvalidArgument);
  EXPECT_EQ(testing::failureOf([&] { toText({{"\xff", 1}}); }), Code::InvalidArgument);
}

}  // namespace
}  // namespace hexpage
