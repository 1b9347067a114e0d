// The binary engine after the sudden end of a process, torn tails, flipped bits and lost files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>
#include <optional>

#include "binary/segment.hpp"
#include "tests/support/failing_calls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/random.hpp"

namespace hexpage::kv {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Optional;
using testing::readFile;
using testing::writeFile;

struct BinaryCrash : ::testing::Test {
  BinaryCrash() { options.segmentBytes = 64 << 10; }

  std::string path() const { return (dir.path() / "store").string(); }
  fs::path file(const std::string& name) const { return dir.path() / "store" / name; }
  Database open() { return Database::open(path(), options); }

  // Runs in a process of its own that ends with no destructor and no close.
  template <class Work>
  void dieAfter(Work work) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        work();
      } catch (...) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }

  static std::uint64_t problems(const Database& store) {
    Report report;
    store.verify(report);
    return report.findings.size();
  }

  testing::TempDir dir;
  Options options;
};

TEST_F(BinaryCrash, CommittedIsThereAfterASuddenEnd) {
  dieAfter([&] {
    Database store = open();
    for (int i = 0; i < 1'000; ++i) store.set(std::to_string(i), std::string(300, 'x'));
    Transaction change = store.begin();
    change.set("uncommitted", "x");
    for (int i = 0; i < 3'000; ++i) change.set("late" + std::to_string(i), std::string(300, 'x'));
    ::_exit(0);  // in the middle of a transaction of which much is in the log
  });
  Database store = open();
  EXPECT_EQ(store.count(), 1'000u);
  EXPECT_FALSE(store.contains("uncommitted"));
  EXPECT_EQ(problems(store), 0u);
  store.set("after", "x");
  store.close();
  EXPECT_EQ(open().count(), 1'001u);
}

// A child sets numbers one by one and says each when it is committed; it is killed at some instant.
TEST_F(BinaryCrash, KilledAtRandomInstantsKeepsEveryAcknowledgedCommit) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  std::uint64_t expected = 0;
  for (int round = 0; round < 15; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      Database store = open();
      for (std::uint64_t n = store.count();; ++n) {
        Transaction change = store.begin();
        change.set(std::to_string(n), std::string(n % 700, 'x'));
        change.set("count", std::to_string(n));
        change.erase("count");
        change.commit();
        if (::write(ends[1], &n, sizeof n) != sizeof n) ::_exit(1);
      }
    }
    ::close(ends[1]);
    std::uint64_t said = 0;
    for (std::size_t left = 1 + random.below(600); left > 0; --left)
      if (::read(ends[0], &said, sizeof said) == sizeof said) expected = said + 1;
    ::kill(child, SIGKILL);
    while (::read(ends[0], &said, sizeof said) == sizeof said) expected = said + 1;
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    Database store = open();
    ASSERT_GE(store.count(), expected);
    ASSERT_LE(store.count(), expected + 1);  // the last may be committed and not yet said
    for (std::uint64_t n = 0; n < store.count(); ++n)
      ASSERT_THAT(store.get(std::to_string(n)), Optional(std::string(n % 700, 'x')));
    ASSERT_EQ(problems(store), 0u);
    if (round % 2 == 0) store.checkpoint();
  }
}

TEST_F(BinaryCrash, TornTailIsCutAtTheLastWholeCommit) {
  std::vector<std::uintmax_t> sizes;
  dieAfter([&] {
    Database store = open();
    for (int i = 0; i < 4; ++i) store.set(std::to_string(i), std::string(3'000, 'x'));
    store.sync();
    ::_exit(0);
  });
  fs::remove(file("lock"));  // as after a start of the machine
  const std::string log = readFile(file("log.000001"));
  const std::size_t end = log.find_last_not_of('\0') + 1;
  const std::size_t frame = 16 + 3'000 + 1 + 2 + 1;
  ASSERT_EQ(end, 64 + 4 * frame);
  for (const std::size_t torn :
       {end - 1, end - 2'000, end - frame + 20, end - frame + 16, end - frame + 5}) {
    fs::remove_all(dir.path() / "store");
    writeFile(file("log.000001"), log.substr(0, torn));
    {
      Database store = open();
      EXPECT_EQ(store.count(), 3u) << torn;
      store.set("after", "x");
    }
    EXPECT_EQ(open().count(), 4u) << torn;
  }
}

TEST_F(BinaryCrash, LostIndexIsMadeAnew) {
  {
    Database store = open();
    for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i), "x", static_cast<TreeId>(i % 3));
    for (int i = 0; i < 500; ++i) store.erase(std::to_string(3 * i));
  }
  ASSERT_TRUE(fs::exists(file("index")));
  fs::remove(file("index"));
  Database store = open();
  EXPECT_EQ(store.count() + store.count(1) + store.count(2), 1'500u);
  EXPECT_EQ(problems(store), 0u);
}

TEST_F(BinaryCrash, IndexOfAnotherStoreIsNotTaken) {
  open().set("a", "1");
  const std::string foreign = readFile(file("index"));
  fs::remove_all(dir.path() / "store");
  open().set("b", "2");
  writeFile(file("index"), foreign);
  Database store = open();
  EXPECT_THAT(store.get("b"), Optional(std::string("2")));
  EXPECT_FALSE(store.contains("a"));
}

TEST_F(BinaryCrash, DamageBeforeWholeCommitsIsRefusedAndTheRestIsSaved) {
  {
    Database store = open();
    for (int i = 0; i < 300; ++i) store.set(std::to_string(i), std::string(1'000, 'x'));
  }
  fs::remove(file("index"));
  fs::remove(file("lock"));
  std::string log = readFile(file("log.000002"));
  log[10'000] ^= 4;
  writeFile(file("log.000002"), log);
  try {
    open();
    FAIL() << "it was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Corrupt);
    EXPECT_THAT(error.what(), HasSubstr("log.000002"));
    EXPECT_THAT(error.what(), HasSubstr("repair"));
  }
  Report report;
  const std::string saved = (dir.path() / "saved").string();
  salvage(path(), saved, report);
  EXPECT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(Database::open(saved).count(), 299u);
}

// Went wrong: the checkpoint before a removal still named the segment, and nothing opened after it.
TEST_F(BinaryCrash, OpensAfterASuddenEndBehindACompaction) {
  dieAfter([&] {
    Database store = open();
    for (int i = 0; i < 2'000; ++i) store.set(std::to_string(i % 10), std::string(300, 'x'));
    store.compact();
    ::_exit(0);
  });
  EXPECT_FALSE(fs::exists(file("log.000001")));
  EXPECT_EQ(open().count(), 10u);
}

TEST_F(BinaryCrash, MissingSegmentIsRefused) {
  {
    Database store = open();
    for (int i = 0; i < 300; ++i) store.set(std::to_string(i), std::string(1'000, 'x'));
  }
  ASSERT_TRUE(fs::remove(file("log.000002")));
  EXPECT_THROW(open(), Error);
}

TEST_F(BinaryCrash, FlippedBitsAreFoundAndNeverReadAsValues) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  testing::Random random(seed);
  std::map<std::string, std::string> model;
  {
    Database store = open();
    for (int i = 0; i < 200; ++i) {
      const std::string key = std::to_string(i), value(random.below(400), static_cast<char>(i));
      store.set(key, value);
      model[key] = value;
    }
  }
  const std::string log = readFile(file("log.000001"));
  options.verifyReads = VerifyReads::First;
  options.readOnly = true;
  for (int round = 0; round < 300; ++round) {
    std::string flipped = log;
    const std::size_t at = 64 + random.below(log.size() - 64);
    flipped[at] = static_cast<char>(flipped[at] ^ 1 << random.below(8));
    writeFile(file("log.000001"), flipped);
    Database store = open();
    EXPECT_GT(problems(store), 0u) << at;
    for (const auto& [key, value] : model) {
      try {
        ASSERT_THAT(store.get(key), Optional(value)) << "bit at " << at;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), Code::Corrupt);
      }
    }
  }
}

TEST_F(BinaryCrash, FlippedBitsOfTheIndexAreFound) {
  {
    Database store = open();
    for (int i = 0; i < 3'000; ++i) store.set(std::to_string(i), std::to_string(i));
  }
  const std::string index = readFile(file("index"));
  options.readOnly = true;
  for (std::size_t at = 8'192; at < index.size(); at += 37) {
    std::string flipped = index;
    flipped[at] ^= 16;
    writeFile(file("index"), flipped);
    Database store = open();
    for (int i = 0; i < 3'000; i += 111) {
      try {
        ASSERT_THAT(store.get(std::to_string(i)), Optional(std::to_string(i))) << at;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), Code::Corrupt);
      }
    }
  }
}

// After a power cut the store did not open when a segment that lost its header had one behind it.
TEST_F(BinaryCrash, ASegmentWithoutHeaderIsPassedOverBeforeAnEmptyOne) {
  open().set("a", "1");
  SegmentHeader header =
      decodeHeader(readFile(file("log.000001")).substr(0, kSegmentHeaderBytes), "log.000001");
  header.number = 3;
  writeFile(file("log.000002"), std::string(kSegmentHeaderBytes, '\0') + "what was on its way");
  writeFile(file("log.000003"), encodeHeader(header));
  {
    Database store = open();
    EXPECT_EQ(store.get("a"), "1");
    EXPECT_EQ(store.count(), 1u);
    EXPECT_FALSE(fs::exists(file("log.000002")));
    EXPECT_FALSE(fs::exists(file("log.000003")));
    store.set("b", "2");
  }
  EXPECT_EQ(open().count(), 2u);
}

// Segments that nobody synced, as a loss of power may leave them: each has some whole transactions,
// and nothing says that they were on disk.
struct BinaryPowerLoss : BinaryCrash {
  BinaryPowerLoss() {
    options.syncInterval = Millis(100'000);
    dieAfter([&] {
      Database store = open();
      for (int i = 0; i < kRecords; ++i) store.set(std::to_string(i), std::string(1'000, 'x'));
      ::_exit(0);
    });
    fs::remove(file("lock"));
  }

  void loseHeader(const std::string& name) {
    const std::string whole = readFile(file(name));
    writeFile(file(name), std::string(kSegmentHeaderBytes, '\0') + whole.substr(64));
  }
  // The records are the first ones, and there will be more.
  void expectPrefix() {
    std::uint64_t count = 0;
    {
      Database store = open();
      count = store.count();
      EXPECT_GT(count, 100u);
      EXPECT_LT(count, 130u);
      EXPECT_TRUE(store.contains(std::to_string(count - 1)));
      EXPECT_EQ(problems(store), 0u);
      for (int i = 0; i < 200; ++i) store.set("more" + std::to_string(i), std::string(1'000, 'y'));
    }
    EXPECT_EQ(open().count(), count + 200);
  }
  std::optional<Code> failure() {
    try {
      open();
    } catch (const Error& error) {
      return error.code();
    }
    return std::nullopt;
  }

  static constexpr int kRecords = 300;  // some 60 a segment
};

// Went wrong: whole frames behind a segment that had lost its header made the store Corrupt.
TEST_F(BinaryPowerLoss, OfAHeaderEndsTheLogThere) {
  loseHeader("log.000003");
  expectPrefix();
}

// Went wrong: without an index a segment that was lost was taken for one that was compacted, and
// what had come after it was read.
TEST_F(BinaryPowerLoss, OfANameEndsTheLogThere) {
  fs::remove(file("log.000003"));
  expectPrefix();
}

// Went wrong: of a store without an index, whose first header was damaged, nothing was left.
TEST_F(BinaryPowerLoss, CanNotTakeTheFirstSegment) {
  const std::string whole = readFile(file("log.000001"));
  loseHeader("log.000001");
  EXPECT_EQ(failure(), Code::Corrupt);
  fs::remove(file("log.000001"));
  EXPECT_EQ(failure(), Code::Corrupt);
  writeFile(file("log.000001"), whole);
  EXPECT_EQ(open().count(), std::uint64_t{kRecords});
}

TEST_F(BinaryPowerLoss, CanNotTakeWhatWasOnDisk) {
  open().close();
  for (const bool hasIndex : {true, false}) {
    if (!hasIndex) fs::remove(file("index"));
    fs::remove(file("lock"));
    const std::string whole = readFile(file("log.000003"));
    loseHeader("log.000003");
    EXPECT_EQ(failure(), Code::Corrupt);
    fs::remove(file("log.000003"));
    EXPECT_EQ(failure(), Code::Corrupt);
    writeFile(file("log.000003"), whole);
  }
  EXPECT_EQ(open().count(), std::uint64_t{kRecords});
}

TEST_F(BinaryPowerLoss, IsNotWhatCompactingLeaves) {
  {
    Database store = open();
    for (int i = 60; i < 200; ++i) store.erase(std::to_string(i));
    store.compact();
    for (int i = 0; i < 200; ++i) store.set("more" + std::to_string(i), std::string(1'000, 'y'));
    fs::copy(dir.path() / "store", dir.path() / "copy");
  }
  fs::remove(dir.path() / "copy/index");
  fs::remove(dir.path() / "copy/lock");
  EXPECT_EQ(Database::open((dir.path() / "copy").string(), options).count(), 360u);
}

// A store some of whose segments were compacted away, with all that may be missed from it.
struct BinaryLoss : BinaryCrash {
  void make(bool isCompacted) {
    fs::remove_all(dir.path() / "store");
    Database store = open();
    for (int i = 0; i < 300; ++i) store.set(std::to_string(i), std::string(1'000, 'x'));
    if (!isCompacted) return;
    for (int i = 60; i < 200; ++i) store.erase(std::to_string(i));
    store.compact();
    for (int i = 0; i < 200; ++i) store.set("more" + std::to_string(i), std::string(1'000, 'y'));
  }
  std::vector<std::string> segments() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir.path() / "store"))
      if (const std::string name = entry.path().filename(); name.starts_with("log."))
        names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
  }
  void expectMissing(const std::string& name) {
    try {
      open();
      ADD_FAILURE() << "it opened without " << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::Corrupt);
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
};

// Went wrong: without the index, segments that were lost looked as if compacted away.
TEST_F(BinaryLoss, OfASegmentAndTheIndexIsNoCompaction) {
  for (const bool isCompacted : {false, true}) {
    make(isCompacted);
    fs::remove(file("index"));
    std::vector<std::string> names = segments();
    ASSERT_GT(names.size(), 3u);
    names.pop_back();  // what came last may have gone with the power
    for (const std::string& name : names) {
      fs::rename(file(name), dir.path() / "lost");
      expectMissing(name == names.front() ? name : "log.");
      fs::rename(dir.path() / "lost", file(name));
    }
    EXPECT_EQ(open().count(), isCompacted ? 360u : 300u);
  }
}

// Went wrong: a new store was begun in the place of one of which the whole log was lost.
TEST_F(BinaryLoss, OfTheWholeLogIsNoNewStore) {
  for (const std::string rest : {"index", "lock"}) {
    make(false);
    for (const auto& entry : fs::directory_iterator(dir.path() / "store"))
      if (entry.path().filename() != rest) fs::remove(entry.path());
    expectMissing("log.000001");
    EXPECT_TRUE(segments().empty());
  }
}

// A listing that failed was taken for one at its end: the store had no log, or not all of it.
TEST_F(BinaryCrash, AListingThatFailsIsAnErrorAndNoEmptyStore) {
  open().set("a", "1");
  std::optional<Code> failure;
  testing::whereFails(SYS_getdents64, EIO, [&] {
    try {
      open();
    } catch (const Error& error) {
      failure = error.code();
    }
  });
  EXPECT_EQ(failure, Code::Io);
  EXPECT_EQ(open().get("a"), "1");
}

// The file is cut while it is mapped: reading there must be an error, not the end of the process.
TEST_F(BinaryCrash, PagesThatCanNotBeReadAreAnError) {
  Database store = open();
  for (int i = 0; i < 40; ++i) store.set(std::to_string(i), std::string(1'000, 'x'));
  fs::resize_file(file("log.000001"), 4'096);
  try {
    store.get("39");
    FAIL() << "it was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Io);
  }
}

}  // namespace
}  // namespace hexpage::kv
