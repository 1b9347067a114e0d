// The journal file: what comes back of what was appended, whatever happens to the file in between.
#include "filesystem/journal.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <thread>

#include "filesystem/journal_layout.hpp"
#include "support/checksum.hpp"
#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"

namespace hexpage {
namespace {

using Strings = std::vector<std::string>;

constexpr std::uint64_t kIdentity = 4711;

template <class Work>
Code codeOf(Work work) {
  try {
    work();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("journal-1"), std::string::npos) << e.what();
    return e.code();
  }
  ADD_FAILURE() << "nothing thrown";
  return Code::Conflict;
}

class JournalFile : public ::testing::TestWithParam<JournalAccess> {
 protected:
  std::unique_ptr<Journal> open(std::uint64_t identity = kIdentity) {
    auto journal = std::make_unique<Journal>(directory_.get(), "journal-1", identity, GetParam());
    journal->scan([](const Journal::Frame&) {});
    return journal;
  }

  // The bodies of the frames that are found now.
  Strings bodies(std::uint64_t identity = kIdentity) {
    Strings found;
    Journal journal(directory_.get(), "journal-1", identity);
    std::optional<std::uint64_t> behind;
    journal.scan([&](const Journal::Frame& frame) {
      EXPECT_EQ(frame.begin, behind.value_or(frame.begin));
      behind = frame.end;
      found.emplace_back(frame.body);
    });
    EXPECT_EQ(journal.end(), behind.value_or(journal.end()));
    return found;
  }

  std::string image() const { return testing::readFile(file_); }
  void put(const std::string& image) const { testing::writeFile(file_, image); }

  static void append(Journal& journal, const Strings& frames) {
    for (const std::string& body : frames) journal.append(Journal::Kind::Batch, body);
  }

  testing::TempDir dir_;
  Fd directory_{::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  const std::string file_ = dir_.string() + "/journal-1";
};

INSTANTIATE_TEST_SUITE_P(By, JournalFile,
                         ::testing::Values(JournalAccess::Write, JournalAccess::WriteMapped),
                         [](const auto& each) {
                           return each.param == JournalAccess::Write ? "Calls" : "MappedMemory";
                         });

TEST_P(JournalFile, GivesBackWhatWasAppended) {
  {
    const auto journal = open();
    const std::string_view parts[] = {"one ", "", "frame"};
    EXPECT_EQ(journal->append(Journal::Kind::Flush, parts), kFrameHeaderBytes + 9);
    journal->append(Journal::Kind::Placed, "");
    EXPECT_EQ(journal->size(), 2 * kFrameHeaderBytes + 9);
  }
  Journal again(directory_.get(), "journal-1", kIdentity);
  std::vector<Journal::Kind> kinds;
  again.scan([&](const Journal::Frame& frame) { kinds.push_back(frame.kind); });
  EXPECT_EQ(kinds, (std::vector{Journal::Kind::Flush, Journal::Kind::Placed}));
  EXPECT_EQ(bodies(), (Strings{"one frame", ""}));
}

TEST_P(JournalFile, GoesOnBehindTheLastFrame) {
  append(*open(), {"a", "b"});
  append(*open(), {"c"});
  EXPECT_EQ(bodies(), (Strings{"a", "b", "c"}));
}

TEST_P(JournalFile, TakesFramesOfAnySize) {
  Strings expected;
  // Around a page, a step of zeros, and what is read at once.
  for (const std::size_t size : {4096, 64 << 10, 256 << 10, 1 << 20, 5 << 20})
    for (std::size_t less : {0, 1, 15, 16, 17}) expected.emplace_back(size - less, 'x');
  append(*open(), expected);
  EXPECT_EQ(bodies(), expected);
}

TEST_P(JournalFile, TakesFramesOfManyParts) {
  const std::vector<std::string_view> parts(5000, "ab");
  open()->append(Journal::Kind::Flush, parts);
  EXPECT_EQ(bodies().at(0).size(), 10'000u);
}

TEST_P(JournalFile, IsForItsOwnerOnly) {
  open();
  struct stat status;
  ASSERT_EQ(::stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_P(JournalFile, TornAnywhereGivesTheFramesBefore) {
  const Strings frames{"first", std::string(100, 'b'), "", "last"};
  std::vector<std::uint64_t> ends;
  {
    const auto journal = open();
    for (const std::string& body : frames)
      ends.push_back(kFramesOffset + journal->append(Journal::Kind::Batch, body));
  }
  const std::string whole = image();
  const auto kept = [&](const std::string& torn) {  // the frames that are there to their end
    const auto count = std::count_if(ends.begin(), ends.end(), [&](std::uint64_t end) {
      return torn.size() >= end && whole.starts_with(torn.substr(0, end));
    });
    return Strings(frames.begin(), frames.begin() + count);
  };
  for (std::uint64_t cut = kFramesOffset; cut <= ends.back(); ++cut) {
    const std::string shorter = whole.substr(0, cut);
    put(shorter);
    EXPECT_EQ(bodies(), kept(shorter)) << "cut at " << cut;
    const std::string zeros = shorter + std::string(whole.size() - cut, '\0');
    put(zeros);
    EXPECT_EQ(bodies(), kept(zeros)) << "zeros from " << cut;
  }
}

TEST_P(JournalFile, ADamagedByteEndsItBeforeItsFrame) {
  const Strings frames{"first", "second", "third"};
  std::vector<std::uint64_t> ends;
  {
    const auto journal = open();
    for (const std::string& body : frames)
      ends.push_back(kFramesOffset + journal->append(Journal::Kind::Batch, body));
  }
  const std::string whole = image();
  for (std::uint64_t at = kFramesOffset; at < ends.back(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      put(damaged);
      const auto kept =
          std::count_if(ends.begin(), ends.end(), [&](auto end) { return end <= at; });
      EXPECT_EQ(bodies(), Strings(frames.begin(), frames.begin() + kept)) << at << "." << bit;
    }
}

TEST_P(JournalFile, ADamagedHeaderHasACopy) {
  {
    const auto journal = open();
    journal->restart();
    append(*journal, {"a", "b"});
  }
  const std::string whole = image();
  for (const std::uint64_t slot : {std::uint64_t{0}, kSlotDistance})
    for (std::size_t i = 0; i < kSlotBytes; ++i) {
      std::string damaged = whole;
      damaged[slot + i] = static_cast<char>(damaged[slot + i] ^ 0x10);
      put(damaged);
      EXPECT_EQ(bodies(), (Strings{"a", "b"})) << slot + i;
    }
}

TEST_P(JournalFile, WithoutAHeaderIsCorrupt) {
  append(*open(), {"a"});
  std::string damaged = image();
  damaged[20] = damaged[kSlotDistance + 20] = 'x';
  for (const std::string& content : {damaged, std::string(), std::string(100, '\0')}) {
    put(content);
    EXPECT_EQ(codeOf([&] { bodies(); }), Code::Corrupt);
    EXPECT_EQ(image(), content) << "left as it is";
  }
}

TEST_P(JournalFile, OfAnotherStoreIsCorrupt) {
  append(*open(), {"a"});
  EXPECT_EQ(codeOf([&] { bodies(kIdentity + 1); }), Code::Corrupt);
}

TEST_P(JournalFile, ThatIsNoFileIsCorrupt) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(codeOf([&] { open(); }), Code::Corrupt);
  std::filesystem::remove(file_);
  std::filesystem::create_symlink("elsewhere", file_);
  EXPECT_EQ(codeOf([&] { open(); }), Code::Corrupt);
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "elsewhere"));
}

TEST_P(JournalFile, OfANewerFormatIsLeftAlone) {
  append(*open(), {"a"});
  std::string newer = image();
  newer.replace(kSlotDistance, kSlotBytes,
                JournalHeader{kJournalFormat + 1, ~std::uint64_t{0}, 0}.slot(kIdentity));
  put(newer);
  EXPECT_EQ(codeOf([&] { open(); }), Code::InvalidArgument);
  EXPECT_EQ(image(), newer);
}

TEST_P(JournalFile, AFrameFromElsewhereDoesNotValidate) {
  std::uint64_t end = 0;
  {
    const auto journal = open();
    append(*journal, {"same", "same"});
    end = journal->end();
  }
  const std::string whole = image();
  const std::uint64_t half = end / 2;
  std::string moved = whole;  // the second frame in the place of the first, and once more behind
  moved.replace(kFramesOffset, half, whole, kFramesOffset + half, half);
  put(moved);
  EXPECT_EQ(bodies(), Strings());
  std::string repeated = whole;
  repeated.replace(kFramesOffset + end, half, whole, kFramesOffset + half, half);
  put(repeated);
  EXPECT_EQ(bodies(), (Strings{"same", "same"}));
}

TEST_P(JournalFile, WhatFollowsATornFrameStaysForgotten) {
  append(*open(), {"a", "torn", "behind"});
  std::string torn = image();
  torn[kFramesOffset + 2 * kFrameHeaderBytes + 1] = 'T';
  put(torn);
  append(*open(), {"torn"});  // the very same again, right before "behind"
  EXPECT_EQ(bodies(), (Strings{"a", "torn"}));
}

TEST_P(JournalFile, AnUnknownKindIsCorrupt) {
  const std::uint64_t generation = open()->generation();
  FrameHeader header{1, 99, 0};
  header.checksum = FramePlace{0, 0, kIdentity, generation}.checksum(header, checksum("x"));
  const auto head = header.bytes();
  put(image().replace(kFramesOffset, kFrameHeaderBytes + 1,
                      std::string(head.begin(), head.end()) + "x"));
  EXPECT_EQ(codeOf([&] { bodies(); }), Code::Corrupt);
}

// A zeroed sector amid frames that were on disk looked like the end of the journal.
TEST_P(JournalFile, DamageBeforeWhatWasNotedIsCorrupt) {
  const auto journal = open();
  append(*journal, {"a", "b"});
  journal->sync();
  journal->noteSynced();
  append(*journal, {"c"});
  const std::string whole = image();
  const std::size_t b = kFramesOffset + kFrameHeaderBytes + 1;
  std::string damaged = whole;
  damaged[b] ^= 1;
  put(damaged);
  EXPECT_EQ(codeOf([&] { bodies(); }), Code::Corrupt);
  damaged = whole;
  damaged[b + kFrameHeaderBytes + 1] ^= 1;  // of c, which was not noted
  put(damaged);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "b"}));
}

TEST_P(JournalFile, ANoteOfAnEarlierGenerationCountsForNothing) {
  const auto journal = open();
  append(*journal, {"a", "b"});
  journal->sync();
  journal->noteSynced();
  journal->restart();
  EXPECT_EQ(bodies(), std::vector<std::string>{});
}

// --- restart ---

TEST_P(JournalFile, ARestartForgetsAllFrames) {
  const auto journal = open();
  append(*journal, {"a", "b", "c"});
  const std::uint64_t end = journal->end(), generation = journal->generation();
  journal->restart();
  EXPECT_EQ(journal->size(), 0u);
  EXPECT_EQ(journal->end(), end) << "positions go on";
  EXPECT_GT(journal->generation(), generation);
  EXPECT_EQ(bodies(), Strings());
  append(*journal, {"a"});  // as before, so that "b" stands right behind it
  EXPECT_EQ(bodies(), Strings{"a"});
}

// Failed in one of 64 runs, when a part of the new header was all of it by chance.
TEST_P(JournalFile, ACrashInARestartLeavesAllOrNone) {
  const auto journal = open();
  for (int round = 0; round < 4; ++round) {  // each slot is the first in turn
    const Strings frames{"a" + std::to_string(round), "b"};
    append(*journal, frames);
    const std::string before = image();
    journal->restart();
    const std::string after = image();
    const std::uint64_t first = journal->generation() % 2 * kSlotDistance;
    for (std::size_t torn = 0; torn <= kSlotBytes; ++torn) {
      std::string crashed = before;
      crashed.replace(first, torn, after, first, torn);
      put(crashed);
      // The last bytes of the checksum may be the same before and after.
      const bool isWhole = crashed.compare(first, kSlotBytes, after, first, kSlotBytes) == 0;
      EXPECT_EQ(bodies(), isWhole ? Strings() : frames) << round << "." << torn;
    }
    put(after);
  }
}

TEST_P(JournalFile, ACrashAfterARestartBringsNoOldFrameBack) {
  const auto journal = open();
  for (int round = 0; round < 4; ++round) {
    append(*journal, {"a", "b"});
    const std::string before = image();
    journal->restart();
    const std::string after = image();
    const std::uint64_t second = (journal->generation() + 1) % 2 * kSlotDistance;
    for (std::size_t torn = 0; torn <= kSlotBytes; ++torn) {
      std::string crashed = after;
      crashed.replace(second + torn, kSlotBytes - torn, before, second + torn, kSlotBytes - torn);
      put(crashed);
      EXPECT_EQ(bodies(), Strings()) << round << "." << torn;
    }
    put(after);
  }
}

TEST_P(JournalFile, GenerationsOfTwoLivesDiffer) {
  // A power failure may undo a restart; the next one must not choose the generation again, or what
  // other journals say of it would hold for frames that they never saw.
  const auto journal = open();
  const std::string before = image();
  journal->restart();
  const std::uint64_t undone = journal->generation();
  put(before);
  const auto again = open();
  again->restart();
  EXPECT_NE(again->generation(), undone);
}

TEST_P(JournalFile, ALargeFileShrinksAtARestart) {
  const auto journal = open();
  append(*journal, {std::string(30 << 20, 'x')});
  journal->restart();
  EXPECT_LE(std::filesystem::file_size(file_), std::uintmax_t{16} << 20);
  append(*journal, {"a"});
  EXPECT_EQ(bodies(), Strings{"a"});
}

// --- failures ---

// The system refuses to let files grow beyond the limit, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uint64_t bytes) : signal_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_;
  sighandler_t signal_;
};

TEST_P(JournalFile, AShortAppendLeavesNothing) {
  const auto journal = open();
  append(*journal, {"a"});
  const std::uint64_t end = journal->end();
  const std::string large(1 << 20, 'x');
  for (const std::uint64_t more : {0, 1, 15, 16, 17, 5000, 700'000}) {
    const FileSizeLimit limit(kFramesOffset + end + more);
    EXPECT_EQ(codeOf([&] { append(*journal, {large}); }), Code::NoSpace);
    EXPECT_EQ(journal->end(), end);
    EXPECT_EQ(bodies(), Strings{"a"});
  }
  append(*journal, {"b"});
  EXPECT_EQ(bodies(), (Strings{"a", "b"}));
}

TEST_P(JournalFile, TakesFramesWhereNoZerosFitBehind) {
  const auto journal = open();
  const FileSizeLimit limit(kFramesOffset + (300 << 10));
  const std::string body(290 << 10, 'x');
  append(*journal, {body, "a"});
  EXPECT_EQ(bodies(), (Strings{body, "a"}));
}

TEST_P(JournalFile, AShortAppendThatStaysEndsAllAppends) {
  const auto journal = open();
  append(*journal, {"a"});
  testing::whereFails(SYS_ftruncate, EIO, [&] {
    const FileSizeLimit limit(kFramesOffset + 5000);
    EXPECT_EQ(codeOf([&] { append(*journal, {std::string(1 << 20, 'x')}); }), Code::NoSpace);
  });
  EXPECT_EQ(codeOf([&] { append(*journal, {"b"}); }), Code::ReadOnly);
  EXPECT_EQ(codeOf([&] { journal->restart(); }), Code::ReadOnly);
  EXPECT_EQ(bodies(), Strings{"a"});
}

TEST_P(JournalFile, AFailedSyncIsNeverBelieved) {
  const auto journal = open();
  append(*journal, {"a"});
  journal->sync();
  const std::uint64_t synced = journal->syncedEnd();
  append(*journal, {"b"});
  testing::whereFails(SYS_fdatasync, EIO,
                      [&] { EXPECT_EQ(codeOf([&] { journal->sync(); }), Code::Io); });
  EXPECT_EQ(codeOf([&] { journal->sync(); }), Code::Io);
  EXPECT_EQ(codeOf([&] { append(*journal, {"c"}); }), Code::ReadOnly);
  EXPECT_EQ(codeOf([&] { journal->restart(); }), Code::ReadOnly);
  EXPECT_EQ(journal->syncedEnd(), synced);
  journal->sync(synced);  // this much is
  EXPECT_EQ(bodies(), (Strings{"a", "b"}));
}

// It was NoSpace, which says that nothing was changed, when the system had no room for the sync.
TEST_P(JournalFile, ASyncThatFailsForWantOfRoomIsNoFailureWithoutEffect) {
  const auto journal = open();
  append(*journal, {"a"});
  testing::whereFails(SYS_fdatasync, EDQUOT,
                      [&] { EXPECT_EQ(codeOf([&] { journal->sync(); }), Code::Io); });
  EXPECT_EQ(bodies(), Strings{"a"});
}

TEST_P(JournalFile, AFailedRestartEndsAllAppends) {
  const auto journal = open();
  append(*journal, {"a"});
  testing::whereFails(SYS_fdatasync, EIO,
                      [&] { EXPECT_EQ(codeOf([&] { journal->restart(); }), Code::Io); });
  EXPECT_EQ(codeOf([&] { append(*journal, {"b"}); }), Code::ReadOnly);
}

TEST_P(JournalFile, AFirstFrameWaitsForItsHeader) {
  // Else a power failure could bring the header of the generation before back, and with it a part
  // of the frames that are written over.
  const auto journal = open();
  testing::whereFails(SYS_fdatasync, EIO,
                      [&] { EXPECT_EQ(codeOf([&] { append(*journal, {"a"}); }), Code::Io); });
  EXPECT_EQ(bodies(), Strings());
}

// --- sync ---

TEST_P(JournalFile, OneSyncServesAllThatWasAppended) {
  const auto journal = open();
  std::vector<std::uint64_t> positions;
  for (int i = 0; i < 10; ++i) positions.push_back(journal->append(Journal::Kind::Batch, "x"));
  journal->sync(positions[0]);
  for (const std::uint64_t position : positions) journal->sync(position);
  EXPECT_EQ(journal->syncs(), 1u);
  EXPECT_EQ(journal->syncedEnd(), positions.back());
}

TEST_P(JournalFile, WhatARestartGaveUpNeedsNoSync) {
  const auto journal = open();
  const std::uint64_t position = journal->append(Journal::Kind::Batch, "x");
  journal->restart();
  journal->sync(position);
  EXPECT_EQ(journal->syncs(), 0u);
}

TEST_P(JournalFile, ThreadsAppendAndSync) {
  constexpr int kThreads = 4, kFrames = 200;
  const auto journal = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kFrames; ++i) {
        const std::string body = std::to_string(t) + ":" + std::to_string(i);
        const std::uint64_t position = journal->append(Journal::Kind::Batch, body);
        if (i % 3 != 0) continue;
        journal->sync(position);
        EXPECT_GE(journal->syncedEnd(), position);
      }
    });
  for (std::thread& thread : threads) thread.join();
  std::vector<int> next(kThreads, 0);
  for (const std::string& body : bodies()) {
    const auto t = static_cast<std::size_t>(body[0] - '0');
    EXPECT_EQ(body, std::to_string(t) + ":" + std::to_string(next[t]++));
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kFrames));
  EXPECT_LE(journal->syncs(), std::uint64_t{kThreads} * kFrames);
}

}  // namespace
}  // namespace hexpage
