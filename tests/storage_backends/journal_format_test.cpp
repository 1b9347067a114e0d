// The worked example of docs/format.md is a journal that hexpage reads and writes.
#include <gtest/gtest.h>

#include <hexpage/testing/contract/temp_dir.hpp>
#include <iomanip>
#include <sstream>

#include "filesystem/batch_frame.hpp"
#include "filesystem/journal.hpp"
#include "filesystem/journal_layout.hpp"
#include "support/checksum.hpp"
#include "tests/support/files.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kIdentity = 0x1234;
const JournalHeader kHeader{kJournalFormat, 7, 300};

// Lines as `xxd -g1` shows them, without the text column.
std::string hexLines(std::uint64_t offset, std::string_view bytes) {
  std::ostringstream lines;
  lines << std::hex << std::setfill('0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 16 == 0) lines << (i == 0 ? "" : "\n") << std::setw(8) << offset + i << ":";
    lines << ' ' << std::setw(2) << int{static_cast<unsigned char>(bytes[i])};
  }
  return lines.str() + "\n";
}

std::string exampleFrame() {
  Batch batch;
  batch.add(Put{"users", "bob", "{\"age\":7}"});
  const std::string body = batchTime(1'000'000'007) + encode(batch);
  FrameHeader header{static_cast<std::uint32_t>(body.size()),
                     static_cast<std::uint8_t>(Journal::Kind::Batch), 0xabcdef};
  header.checksum =
      FramePlace{0, kHeader.base, kIdentity, kHeader.generation}.checksum(header, checksum(body));
  const auto head = header.bytes();
  return std::string(head.begin(), head.end()) + body;
}

TEST(JournalFormat, IsAsDocumented) {
  const std::string expected =
      hexLines(kSlotDistance, kHeader.slot(kIdentity)) + hexLines(kFramesOffset, exampleFrame());
  const std::string document = testing::readFile(HEXPAGE_SOURCE_DIR "/docs/format.md");
  EXPECT_NE(document.find(expected), std::string::npos) << "docs/format.md lacks\n" << expected;
}

TEST(JournalFormat, TheExampleIsRead) {
  const testing::TempDir dir;
  std::string file(kFramesOffset, '\0');
  file.replace(kSlotDistance, kSlotBytes, kHeader.slot(kIdentity));
  testing::writeFile(dir.path() / "journal", file + exampleFrame());
  const Fd directory(::open(dir.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Journal journal(directory.get(), "journal", kIdentity);
  std::vector<std::string> keys;
  journal.scan([&](const Journal::Frame& frame) {
    EXPECT_EQ(frame.begin, kHeader.base);
    keys.push_back(std::get<Put>(decodeBatch(parseBatchFrame(frame.body).batch).changes.at(0)).key);
  });
  EXPECT_EQ(keys, std::vector<std::string>{"bob"});
}

}  // namespace
}  // namespace hexpage
