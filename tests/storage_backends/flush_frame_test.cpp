// Flush frames and their companions: back as they were, and nothing else taken for one.
#include "filesystem/flush_frame.hpp"

#include <gtest/gtest.h>

#include "tests/support/random.hpp"
#include "tests/support/refused.hpp"

namespace hexpage {
namespace {

using testing::isRefused;
using testing::Random;

FlushFrame someFlush() {
  using Kind = RecordWrite::Kind;
  FlushFrame frame{{77, 4096, {}, "told"}, {}};
  frame.covered = {{3, ~std::uint64_t{0}, 12}, {0xffffffff, 5, 6}};
  frame.writes = {{"users/data", Kind::Text, std::string(5000, 'x'), false},
                  {"users", Kind::Text, "", true},
                  {"b", Kind::Move, "a", true},
                  {"c/data", Kind::Text, "{}", false, 0xa5f1},
                  {"users/data/3", Kind::Removal, "", false}};
  return frame;
}

std::string bytesOf(const FlushFrame& frame) {
  const FlushParts parts(frame);
  std::string bytes;
  for (const std::string_view part : parts.parts()) bytes += part;
  return bytes;
}

TEST(FlushFrame, GivesBackWhatItHolds) {
  const FlushFrame frame = someFlush();
  const std::string bytes = bytesOf(frame);
  EXPECT_EQ(FlushParts(frame).size(), bytes.size());
  const FlushFrame decoded = decodeFlush(bytes);
  EXPECT_EQ(decoded.stamp, 77u);
  EXPECT_EQ(decoded.coversUpTo, 4096u);
  EXPECT_EQ(decoded.covered, frame.covered);
  ASSERT_EQ(decoded.writes.size(), frame.writes.size());
  for (std::size_t i = 0; i < frame.writes.size(); ++i) {
    EXPECT_EQ(decoded.writes[i].path, frame.writes[i].path);
    EXPECT_EQ(decoded.writes[i].kind, frame.writes[i].kind);
    EXPECT_EQ(decoded.writes[i].content, frame.writes[i].content);
    EXPECT_EQ(decoded.writes[i].isNamed, frame.writes[i].isNamed);
    EXPECT_EQ(decoded.writes[i].children, frame.writes[i].children);
  }
}

TEST(FlushFrame, CopiesNoText) {
  const FlushFrame frame = someFlush();
  const FlushParts parts(frame);
  EXPECT_EQ(parts.parts()[1].data(), frame.writes[0].content.view().data());
}

TEST(FlushFrame, CutAnywhereIsRefused) {
  FlushFrame frame = someFlush();
  frame.writes[0].content = std::string(40, 'x');
  const std::string whole = bytesOf(frame);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(isRefused([&] { decodeFlush(whole.substr(0, size)); })) << size;
  EXPECT_TRUE(isRefused([&] { decodeFlush(whole + '\0'); }));
}

TEST(FlushFrame, DamagedDoesNoHarm) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  Random random(seed);
  const std::string whole = bytesOf(someFlush());
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = whole;
    for (std::size_t n = 1 + random.below(3); n > 0; --n)
      bytes[random.below(random.oneIn(2) ? 60 : bytes.size())] =
          static_cast<char>(random.below(256));
    isRefused([&] { decodeFlush(bytes); });
  }
}

TEST(FlushFrame, CompanionsGiveBackWhatTheyHold) {
  EXPECT_EQ(decodePlaced(encodePlaced(~std::uint64_t{1})), ~std::uint64_t{1});
  EXPECT_TRUE(isRefused([] { decodePlaced("1234567"); }));
  EXPECT_TRUE(isRefused([] { decodePlaced("123456789"); }));
  const std::vector<Covered> covered = someFlush().covered;
  EXPECT_EQ(decodeCovers(encodeCovers(covered)), covered);
  EXPECT_TRUE(isRefused([&] { decodeCovers(encodeCovers(covered).substr(0, 20)); }));
}

}  // namespace
}  // namespace hexpage
