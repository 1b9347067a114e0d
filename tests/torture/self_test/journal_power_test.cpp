// A journal in every state in which a power cut may leave it, and once more after a second life.
#include <gtest/gtest.h>

#include <filesystem>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "filesystem/journal.hpp"
#include "tests/support/random.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/power_loss/image.hpp"
#include "tests/torture/power_loss/power_cut.hpp"
#include "tests/torture/power_loss/recorder.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

using testing::Random;
using testing::TempDir;
using Numbers = std::vector<std::uint32_t>;

// Where the recorder looks for what a mapping writes.
const std::string kFile = ".hexpage/journals/journal";

// The frames hold the numbers 1, 2, 3, ... So the same are written again after a cut has lost them.
struct OpenJournal {
  OpenJournal(const std::string& dir, JournalAccess access)
      : directory(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        journal(directory.get(), kFile, 7, access) {
    journal.scan([this](const Journal::Frame& frame) {
      found.push_back(static_cast<std::uint32_t>(std::stoul(std::string(frame.body))));
    });
  }

  Fd directory;
  Journal journal;
  Numbers found;
};

// A body that spans sectors now and then.
std::string bodyOf(std::uint32_t number) {
  return std::to_string(number) + std::string(number % 5 == 0 ? 1300 : 0, ' ');
}

// `acknowledged` is twice the number of the last frame that a restart gave up, and one more while
// a restart goes on. The first life makes the file.
void live(const std::string& dir, JournalAccess access, std::uint64_t seed, Progress& progress) {
  Random random(seed);
  for (int life = 0; life < 2; ++life) {
    OpenJournal open(dir, access);
    for (int i = 0; i < 12; ++i) {
      const std::uint32_t number = ++progress.begun;
      open.journal.append(Journal::Kind::Batch, bodyOf(number));
      if (random.oneIn(3)) {
        open.journal.sync();
        progress.synced = number;
      }
      if (!random.oneIn(8)) continue;
      progress.acknowledged += 1;
      open.journal.restart();
      progress.acknowledged = 2 * number;
    }
  }
}

// What breaks the promises of journal.hpp; "" for nothing.
std::string broken(const Numbers& found, const Mark& mark) {
  const std::uint32_t givenUp = mark.acknowledged / 2;
  if (found.empty())
    return mark.acknowledged % 2 == 1 || mark.synced <= givenUp ? "" : "synced frames are gone";
  if (found.front() != givenUp + 1) return "begins at " + std::to_string(found.front());
  for (std::size_t i = 1; i < found.size(); ++i)
    if (found[i] != found[i - 1] + 1) return "a gap behind " + std::to_string(found[i - 1]);
  if (found.back() < mark.synced) return "ends at " + std::to_string(found.back());
  return found.back() > mark.begun ? "more than was appended" : "";
}

Log recordLives(const std::string& dir, JournalAccess access, std::uint64_t seed,
                const Mark& from) {
  const auto progress = makeShared<Progress>();
  Progress* const own = progress.get();
  own->begun = from.begun;
  own->acknowledged = from.acknowledged;
  own->synced = from.synced;
  const pid_t child = startChild(*progress, std::chrono::seconds(20), [&] {
    awaitTracer();
    showRecorded();
    live(dir, access, seed, *own);
  });
  Recorded recorded = record(dir, {&child, 1}, {&own, 1});
  EXPECT_EQ(failureOf(recorded.statuses[0], *own).value_or(""), "");
  return std::move(recorded.log);
}

// What is there now is on disk, and an open restart is decided.
Mark afterOpening(const Numbers& found, const Mark& mark) {
  const bool wasRestarting = mark.acknowledged % 2 == 1;
  const std::uint32_t givenUp = found.empty() && wasRestarting ? mark.begun : mark.acknowledged / 2;
  const std::uint32_t last = found.empty() ? givenUp : found.back();
  return {.begun = last, .acknowledged = 2 * givenUp, .synced = last};
}

class JournalPower : public ::testing::TestWithParam<JournalAccess> {
 protected:
  // Cuts the log and looks at the journal; then, one life deeper, does the same with its next log.
  void cut(const Log& log, int points, int depth) {
    for (int n = 0; n < points; ++n) {
      const std::size_t at = random_.below(log.entries.size() + 1);
      const Policy policy = policyOf(random_.below(kPolicies));
      const TempDir dir;
      writeTree(afterCut(log, at, policy, random_), dir.string());
      Mark mark = log.marksAt(at)[0];
      {
        const OpenJournal open(dir.string(), GetParam());
        ASSERT_EQ(broken(open.found, mark), "")
            << "before entry " << at << " of " << log.entries.size() << ", " << describe(policy);
        mark = afterOpening(open.found, mark);
      }
      if (depth > 0)
        cut(recordLives(dir.string(), GetParam(), random_.below(1000), mark), 3, depth - 1);
      if (HasFatalFailure()) return;
    }
  }

  const std::uint64_t seed_ = testing::chosenSeed();
  Random random_{seed_};
};

INSTANTIATE_TEST_SUITE_P(By, JournalPower,
                         ::testing::Values(JournalAccess::Write, JournalAccess::WriteMapped),
                         [](const auto& each) {
                           return each.param == JournalAccess::Write ? "Calls" : "MappedMemory";
                         });

TEST_P(JournalPower, KeepsItsPromises) {
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed_));
  for (int i = 0; i < 2 && !HasFatalFailure(); ++i) {
    const TempDir dir;
    std::filesystem::create_directories(dir.string() + "/.hexpage/journals");
    cut(recordLives(dir.string(), GetParam(), seed_ + i, {}), 12, 2);
  }
}

}  // namespace
}  // namespace hexpage::torture
