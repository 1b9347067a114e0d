// The frames of the binary engine's log and the records in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "binary/frame.hpp"
#include "binary/record.hpp"
#include "binary/segment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/random.hpp"
#include "tests/support/refused.hpp"

namespace hexpage::kv {
namespace {

constexpr std::uint64_t kSalt = 0x1234'5678'9ABC'DEF0;

std::string frameOf(std::string_view body, std::uint8_t flags, std::uint64_t salt,
                    std::uint64_t offset) {
  std::string bytes(kFrameHeaderBytes, '\0');
  writeFrameHeader(bytes.data(), flags, body, bodyHash(body), salt, offset);
  return bytes.append(body);
}

TEST(BinaryFrame, ComesBackWhole) {
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 239u, 240u, 241u, 65'536u, 1'000'000u}) {
    const std::string body(size, 'x');
    const std::string bytes = frameOf(body, kCommit, kSalt, 64);
    const Frame frame = readFrame(bytes, kSalt, 64);
    EXPECT_EQ(frame.state, FrameState::Whole) << size;
    EXPECT_EQ(frame.header.flags, kCommit);
    EXPECT_EQ(frame.body, body);
  }
}

TEST(BinaryFrame, EndsBeforeWhatFollows) {
  const std::string bytes = frameOf("one", 0, kSalt, 64) + frameOf("two", kCommit, kSalt, 83);
  EXPECT_EQ(readFrame(bytes, kSalt, 64).body, "one");
  EXPECT_EQ(readFrame(std::string_view(bytes).substr(19), kSalt, 83).body, "two");
}

TEST(BinaryFrame, ZerosAndNothingAreEmpty) {
  EXPECT_EQ(readFrame("", kSalt, 64).state, FrameState::Empty);
  EXPECT_EQ(readFrame(std::string(3, '\0'), kSalt, 64).state, FrameState::Empty);
  EXPECT_EQ(readFrame(std::string(4096, '\0'), kSalt, 64).state, FrameState::Empty);
}

TEST(BinaryFrame, EveryShorterOneIsTorn) {
  const std::string bytes = frameOf("some records", kCommit, kSalt, 64);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const std::string_view part = std::string_view(bytes).substr(0, size);
    EXPECT_EQ(readFrame(part, kSalt, 64).state, FrameState::Torn) << size;
    std::string padded(part);
    padded.resize(bytes.size() + 100);
    EXPECT_EQ(readFrame(padded, kSalt, 64).state, FrameState::Torn) << size;
  }
}

TEST(BinaryFrame, EveryFlippedBitIsTorn) {
  const std::string bytes = frameOf("some records", kCommit, kSalt, 64) + std::string(64, '\0');
  for (std::size_t bit = 0; bit < (bytes.size() - 64) * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(readFrame(flipped, kSalt, 64).state, FrameState::Torn) << bit;
  }
}

TEST(BinaryFrame, OfAnotherPlaceIsTorn) {
  const std::string bytes = frameOf("some records", kCommit, kSalt, 64);
  EXPECT_EQ(readFrame(bytes, kSalt, 65).state, FrameState::Torn);
  EXPECT_EQ(readFrame(bytes, kSalt + 1, 64).state, FrameState::Torn);
}

TEST(BinaryFrame, LengthBeyondTheEndIsTorn) {
  std::string bytes = frameOf("some records", kCommit, kSalt, 64);
  bytes[3] = '\x7F';
  EXPECT_EQ(readFrame(bytes, kSalt, 64).state, FrameState::Torn);
}

// What a record may need besides fits before the end of a segment or moves on to the next one.
TEST(BinaryFrame, EveryBoundaryOfASegmentIsReadBack) {
  constexpr std::size_t kSegment = 64 << 10;
  for (std::size_t left = 0; left < 80; ++left) {
    testing::TempDir dir;
    Options options;
    options.segmentBytes = kSegment;
    options.compactInBackground = false;
    // Behind the first frame there are `left` bytes in the segment.
    const std::size_t overhead = kSegmentHeaderBytes + kFrameHeaderBytes + 1 + 1 + 3;
    const std::string first(kSegment - overhead - left, 'x');
    {
      Database store = Database::open(dir.string(), options);
      store.set("1", first);
      Transaction change = store.begin();
      change.set("2", "two");
      change.set("3", std::string(kSegment - 200, 'y'));  // has to go on in another segment
      change.commit();
    }
    std::filesystem::remove(dir.path() / "index");
    const Database store = Database::open(dir.string(), options);
    ASSERT_EQ(store.get("1"), first) << left;
    ASSERT_EQ(store.get("2"), "two") << left;
    ASSERT_EQ(store.count(), 3u) << left;
    for (const std::uint64_t number : {1, 2, 3}) {
      const std::filesystem::path file = dir.path() / segmentFile(number);
      if (std::filesystem::exists(file)) {
        ASSERT_LE(std::filesystem::file_size(file), kSegment + kSealBytes) << left;
      }
    }
  }
}

TEST(BinaryFrame, OfAForeignSegmentIsNotTaken) {
  testing::TempDir one, two;
  Database::open(one.string()).set("a", "1");
  Database::open(two.string()).set("b", "2");
  const auto log = [](const testing::TempDir& dir) { return dir.path() / "log.000001"; };
  // The body of one store's segment behind the header of another's.
  const std::string own = testing::readFile(log(one)), foreign = testing::readFile(log(two));
  testing::writeFile(log(one),
                     own.substr(0, kSegmentHeaderBytes) + foreign.substr(kSegmentHeaderBytes));
  std::filesystem::remove(one.path() / "index");
  std::filesystem::remove(one.path() / "lock");
  EXPECT_EQ(Database::open(one.string()).count(), 0u);
  // And all of it, as a later segment.
  testing::writeFile(log(one), own);
  std::string renamed = foreign;
  testing::writeFile(one.path() / "log.000002", renamed);
  EXPECT_THROW(Database::open(one.string()), Error);
}

TEST(BinaryRecord, ComesBackOfEveryKindAndSize) {
  for (const std::size_t keyBytes : {0u, 1u, 63u, 64u, 65'536u})
    for (const std::size_t valueBytes : {0u, 1u, 31u, 32u, 4095u, 4096u, 1'000'000u})
      for (const std::uint64_t tree : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        const std::string key(keyBytes, 'k'), value(valueBytes, 'v');
        const Record record{RecordKind::Set, tree, key, value};
        std::string bytes;
        appendRecord(bytes, record);
        EXPECT_EQ(bytes.size(), recordBytes(record));
        const std::size_t size = bytes.size();
        bytes += "and more";
        const auto parsed = parseRecord(bytes);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->bytes, size);
        EXPECT_EQ(parsed->record.tree, tree);
        EXPECT_EQ(parsed->record.key, key);
        EXPECT_EQ(parsed->record.value, value);
      }
}

TEST(BinaryRecord, OverheadIsThreeBytes) {
  const std::string key(33, 'k'), value(750, 'v');
  EXPECT_EQ(recordBytes({RecordKind::Set, 0, key, value}), 33u + 750 + 3);
}

TEST(BinaryRecord, EveryShorterOneIsNone) {
  std::string bytes;
  appendRecord(bytes, {RecordKind::Erase, 300, "key", "value"});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parseRecord(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_EQ(parseRecord(bytes)->record.kind, RecordKind::Erase);
}

TEST(BinaryRecord, RandomBytesNeverReachBeyondTheirEnd) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random.below(24), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    const auto parsed = parseRecord(bytes);
    if (!parsed) continue;
    EXPECT_LE(parsed->bytes, bytes.size());
    EXPECT_LE(parsed->record.value.data() + parsed->record.value.size(),
              bytes.data() + bytes.size());
  }
}

TEST(BinarySegment, HeaderComesBackAndKnowsDamage) {
  SegmentHeader header;
  header.store = 1;
  header.number = 2;
  header.salt = 3;
  header.capacity = 65'536;
  header.lastTree = 5;
  header.hashSeed = 6;
  const std::string bytes = encodeHeader(header);
  ASSERT_EQ(bytes.size(), kSegmentHeaderBytes);
  const SegmentHeader decoded = decodeHeader(bytes, "log.000002");
  EXPECT_EQ(decoded.number, 2u);
  EXPECT_EQ(decoded.hashSeed, 6u);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_THROW(decodeHeader(flipped, "log.000002"), Error) << bit;
  }
}

TEST(BinarySegment, NewerFormatIsRefusedWithAdvice) {
  std::string bytes = encodeHeader({});
  bytes[6] = 2;
  try {
    decodeHeader(bytes, "log.000001");
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::InvalidArgument);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("newer hexpage"));
  }
}

}  // namespace
}  // namespace hexpage::kv
