#include <fcntl.h>
#include <unistd.h>

#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "filesystem/flush_frame.hpp"
#include "filesystem/journal.hpp"
#include "support/batch_codec.hpp"
#include "targets.hpp"
#include "tests/support/files.hpp"

namespace hexpage::fuzz {
namespace {

constexpr std::uint64_t kIdentity = 42;

std::string joined(const FlushFrame& frame) {
  const FlushParts parts(frame);
  std::string bytes;
  for (const std::string_view part : parts.parts()) bytes += part;
  return bytes;
}

Batch someBatch() {
  Batch batch;
  batch.add(Create{"a/b", R"({"page_size":4})"}).add(Put{"a/b", "key", R"({"v":1})"});
  batch.add(Remove{"a/b", "key"}).add(Clear{"a/b"}).add(Rename{"a/b", "c"}).add(Drop{"c"});
  batch.add(PutRecord{"r", "[1,2]"}).add(EraseRecord{"r"});
  return batch;
}

// A journal as a file of its own.
class JournalFile {
 public:
  explicit JournalFile(std::string_view bytes = {})
      : directory_(::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!bytes.empty()) testing::writeFile(dir_.path() / "journal", std::string(bytes));
  }

  // Gives how many frames it holds, and appends one.
  std::size_t scanAndAppend() {
    Journal journal(directory_.get(), "journal", kIdentity);
    std::size_t frames = 0;
    journal.scan([&](const Journal::Frame&) { ++frames; });
    journal.append(Journal::Kind::Batch, "one more");
    return frames;
  }

  // Without the zeros at its end.
  std::string bytes() const {
    const std::string all = testing::readFile(dir_.path() / "journal");
    return all.substr(0, all.find_last_not_of('\0') + 1);
  }

 private:
  testing::TempDir dir_;
  Fd directory_;
};

}  // namespace

void readBatch(std::string_view bytes) {
  try {
    const std::string again = encode(decodeBatch(bytes));
    require(encode(decodeBatch(again)) == again, "a batch reads back alike");
  } catch (const Error& e) {
    require(e.code() == Code::Corrupt, "other bytes are Corrupt");
  }
}

void readFlush(std::string_view bytes) {
  try {
    const std::string again = joined(decodeFlush(bytes));
    require(joined(decodeFlush(again)) == again, "a flush reads back alike");
  } catch (const Error& e) {
    require(e.code() == Code::Corrupt, "other bytes are Corrupt");
  }
}

void readJournal(std::string_view bytes) {
  JournalFile file(bytes);
  try {
    const std::size_t frames = file.scanAndAppend();
    require(file.scanAndAppend() == frames + 1, "what is appended comes behind what was there");
  } catch (const Error& e) {
    require(e.code() == Code::Corrupt || e.code() == Code::InvalidArgument,
            "other files are Corrupt, or of a newer format");
  }
}

std::vector<std::string> batchSeeds() { return {encode(Batch{}), encode(someBatch())}; }

std::vector<std::string> flushSeeds() {
  FlushFrame frame;
  frame.stamp = 7;
  frame.coversUpTo = 300;
  frame.covered = {{1, 2, 3}};
  frame.writes = {{"a", RecordWrite::Kind::Text, R"({"type":"hash","length":0})", true},
                  {"a/data", RecordWrite::Kind::Move, "b/data", false},
                  {"b/data/3", RecordWrite::Kind::Text, R"({"type":"hash_index"})", false, 0x8001},
                  {"a/data/3", RecordWrite::Kind::Removal, "", false}};
  return {joined(frame), joined(FlushFrame{})};
}

std::vector<std::string> journalSeeds() {
  JournalFile file;
  for (int n = 0; n < 3; ++n) file.scanAndAppend();
  return {file.bytes()};
}

}  // namespace hexpage::fuzz
