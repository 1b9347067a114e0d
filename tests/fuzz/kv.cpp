#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "binary/frame.hpp"
#include "binary/index_images.hpp"
#include "binary/record.hpp"
#include "targets.hpp"
#include "tests/support/files.hpp"

namespace hexpage::fuzz {
namespace {

constexpr std::uint64_t kSalt = 42, kOffset = 64;

std::string someRecords() {
  std::string body;
  kv::appendRecord(body, {kv::RecordKind::Set, 0, "users", "[]"});
  kv::appendRecord(body, {kv::RecordKind::Erase, 7, "bob", {}});
  kv::appendRecord(body, {kv::RecordKind::DropTree, 300, {}, {}});
  kv::appendRecord(body, {kv::RecordKind::NewTree, 301, {}, {}});
  return body;
}

std::string frameOf(std::string_view body, std::uint8_t flags) {
  std::string bytes(kv::kFrameHeaderBytes, '\0');
  kv::writeFrameHeader(bytes.data(), flags, body, kv::bodyHash(body), kSalt, kOffset);
  return bytes.append(body);
}

struct FreePage {
  void operator()(kv::Page* page) const { kv::Page::free(page); }
};

}  // namespace

void readFrame(std::string_view bytes) {
  const kv::Frame frame = kv::readFrame(bytes, kSalt, kOffset);
  if (frame.state != kv::FrameState::Whole) return;
  require(frame.body.data() + frame.body.size() <= bytes.data() + bytes.size(), "a body is inside");
  require(frameOf(frame.body, frame.header.flags) ==
              bytes.substr(0, kv::kFrameHeaderBytes + frame.body.size()),
          "a frame is written as it was read");
}

void readRecords(std::string_view bytes) {
  while (const auto parsed = kv::parseRecord(bytes)) {
    require(parsed->bytes != 0 && parsed->bytes <= bytes.size(), "a record is inside");
    std::string again;
    kv::appendRecord(again, parsed->record);
    const auto reread = kv::parseRecord(again);
    require(reread && reread->record.key == parsed->record.key &&
                reread->record.value == parsed->record.value &&
                reread->record.tree == parsed->record.tree &&
                reread->record.kind == parsed->record.kind,
            "a record reads back alike");
    bytes.remove_prefix(parsed->bytes);
  }
}

void readIndexPage(std::string_view bytes) {
  try {
    const std::unique_ptr<kv::Page, FreePage> page(kv::decodePage(bytes));
    const std::string again = kv::encode(*page);
    const std::unique_ptr<kv::Page, FreePage> reread(kv::decodePage(again));
    require(kv::encode(*reread).size() == again.size(), "a page reads back as large");
    for (const kv::Slot slot : page->all())
      require(page->find(kv::tagIn(slot),
                         [&](kv::Address at) { return at == kv::addressIn(slot); }) >= 0,
              "each slot of a page is found");
  } catch (const Error& e) {
    require(e.code() == Code::Corrupt, "other bytes are Corrupt");
  }
}

// The only segment of a store.
void readSegment(std::string_view bytes) {
  const testing::TempDir dir;
  testing::writeFile(dir.path() / "log.000001", std::string(bytes));
  try {
    kv::Database store = kv::Database::open(dir.string());
    std::size_t count = 0;
    for (kv::Cursor cursor = store.cursor(); cursor.next();) ++count;
    require(count == store.count(), "all that counts is there");
    store.set("one more", "x");
    require(store.get("one more") == "x", "what opens takes more");
    Report report;
    store.verify(report);
    require(report.clean(), "what opens is whole");
  } catch (const Error& e) {
    require(e.code() == Code::Corrupt || e.code() == Code::InvalidArgument,
            "other bytes are Corrupt or of a newer format");
  }
}

std::vector<std::string> frameSeeds() {
  return {frameOf(someRecords(), kv::kCommit), frameOf("", 0), frameOf(std::string(300, 'x'), 0)};
}

std::vector<std::string> recordSeeds() { return {someRecords()}; }

std::vector<std::string> indexPageSeeds() {
  std::vector<std::string> seeds;
  for (const unsigned count : {0u, 5u, 200u}) {
    const std::unique_ptr<kv::Page, FreePage> page(
        kv::Page::make(kv::Page::groupsFor(count + 1), 3, 2, 1));
    for (unsigned i = 1; i <= count; ++i) page->insert(kv::slotOf(i * 7'919 % (1u << 24), i * 64));
    seeds.push_back(kv::encode(*page));
  }
  return seeds;
}

std::vector<std::string> segmentSeeds() {
  const testing::TempDir dir;
  {
    kv::Database store = kv::Database::open(dir.string());
    store.set("a", "1");
    kv::Transaction change = store.begin();
    change.set("b", std::string(300, 'x'));
    change.set("c", "3", change.newTree());
    change.erase("a");
    change.commit();
  }
  return {testing::readFile(dir.path() / "log.000001")};
}

}  // namespace hexpage::fuzz
