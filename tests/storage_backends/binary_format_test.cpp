// The worked example of docs/format.md is a segment that the binary engine reads and writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <iomanip>
#include <sstream>

#include "support/byte_order.hpp"
#include "binary/frame.hpp"
#include "binary/record.hpp"
#include "binary/segment.hpp"
#include "tests/support/files.hpp"

namespace hexpage::kv {
namespace {

// Lines as `xxd -g1` shows them, without the text column.
std::string hexLines(std::string_view bytes) {
  std::ostringstream lines;
  lines << std::hex << std::setfill('0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 16 == 0) lines << (i == 0 ? "" : "\n") << std::setw(8) << i << ":";
    lines << ' ' << std::setw(2) << int{static_cast<unsigned char>(bytes[i])};
  }
  return lines.str() + "\n";
}

// One transaction: "users" is set to "[]", and in tree 7 "bob" is erased.
std::string exampleSegment() {
  SegmentHeader header;
  header.store = 0x1111;
  header.number = 1;
  header.salt = 0x2222;
  header.capacity = 65'536;
  header.lastTree = 7;
  header.hashSeed = 0x3333;
  std::string body;
  appendRecord(body, {RecordKind::Set, 0, "users", "[]"});
  appendRecord(body, {RecordKind::Erase, 7, "bob", ""});
  std::string frame(kFrameHeaderBytes, '\0');
  writeFrameHeader(frame.data(), kCommit, body, bodyHash(body), header.salt, kSegmentHeaderBytes);
  return encodeHeader(header) + frame + body;
}

TEST(BinaryFormat, IsAsDocumented) {
  const std::string expected = hexLines(exampleSegment());
  const std::string document = testing::readFile(HEXPAGE_SOURCE_DIR "/docs/format.md");
  EXPECT_NE(document.find(expected), std::string::npos) << "docs/format.md lacks\n" << expected;
}

TEST(BinaryFormat, TheExampleIsRead) {
  const testing::TempDir dir;
  testing::writeFile(dir.path() / "log.000001", exampleSegment());
  Database store = Database::open(dir.string());
  EXPECT_EQ(store.get("users"), "[]");
  EXPECT_EQ(store.begin().newTree(), 8u);
}

TEST(BinaryFormat, NewerIndexFileIsRefusedAndUntouched) {
  const testing::TempDir dir;
  Database::open(dir.string()).set("a", "1");
  std::string index = testing::readFile(dir.path() / "index");
  index[6] = 2;
  index[4096 + 6] = 2;
  testing::writeFile(dir.path() / "index", index);
  EXPECT_THROW(Database::open(dir.string()), Error);
  EXPECT_EQ(testing::readFile(dir.path() / "index"), index);
}

}  // namespace
}  // namespace hexpage::kv
