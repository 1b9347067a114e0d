#include "support/checksum.hpp"

#include <gtest/gtest.h>

namespace hexpage {
namespace {

TEST(Checksum, IsXxh3) {
  EXPECT_EQ(checksum(""), 0x2d06800538d394c2u);
  EXPECT_NE(checksum("hexpage"), checksum("hexpage", 1));
}

TEST(Checksum, OfPartsIsThatOfTheWhole) {
  const std::string whole(1000, 'x');
  for (const std::uint64_t seed : {0, 7})
    for (const std::size_t size : {0, 1, 300, 999}) {
      const std::string_view parts[] = {std::string_view(whole).substr(0, size), "",
                                        std::string_view(whole).substr(size)};
      EXPECT_EQ(checksum(parts, seed), checksum(whole, seed)) << size;
    }
}

}  // namespace
}  // namespace hexpage
