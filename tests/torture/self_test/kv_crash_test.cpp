// The engine below the binary backend: killed before every system call that changes something, and
// in every state in which a power cut may leave it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>

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

kv::Options optionsOf(kv::Durability durability) {
  kv::Options options;
  options.segmentBytes = 64 << 10;
  options.durability = durability;
  options.compactInBackground = false;  // the calls come in one order
  options.syncInterval = Millis(100'000);
  return options;
}

std::uint32_t numberOf(const std::optional<std::string>& text) {
  return text ? static_cast<std::uint32_t>(std::stoul(*text)) : 0;
}

std::string keyOf(std::uint32_t n) { return "key" + std::to_string(n % 40); }
// Small ones go through mapped memory, large ones over several segments.
std::string valueOf(std::uint32_t n) {
  const std::size_t sizes[] = {0, 10, 700, 3'000, 10, 100'000, 10, 1'500};
  return std::to_string(n) + std::string(sizes[n % 8], static_cast<char>('a' + n % 26));
}

// Transaction n sets "n" to n, a key to a value of n, and erases another.
void commitOne(kv::Database& store, std::uint32_t n) {
  kv::Transaction change = store.begin();
  change.set("n", std::to_string(n));
  change.set(keyOf(n), valueOf(n));
  if (n > 7) change.erase(keyOf(n - 7));
  change.commit();
}

std::map<std::string, std::string> contentsAfter(std::uint32_t n) {
  std::map<std::string, std::string> contents;
  for (std::uint32_t i = 1; i <= n; ++i) {
    contents["n"] = std::to_string(i);
    contents[keyOf(i)] = valueOf(i);
    if (i > 7) contents.erase(keyOf(i - 7));
  }
  return contents;
}

// Goes on behind what is there; each life checkpoints and compacts on the way.
void live(const std::string& dir, kv::Durability durability, std::uint32_t transactions,
          Progress& progress) {
  kv::Database store = kv::Database::open(dir, optionsOf(durability));
  for (std::uint32_t i = 1, n = numberOf(store.get("n")); i <= transactions; ++i) {
    progress.begun = ++n;
    commitOne(store, n);
    progress.acknowledged = n;
    if (i % 9 == 0) {
      store.sync();
      progress.synced = n;
    }
    // The first life at "crash" knows no other sync before that, nor an index.
    if (i % 6 == 0 && (durability == kv::Durability::Power || n > 14)) store.checkpoint();
    if (i % 10 == 0) store.compact();
  }
  store.close();
}

// "" when the store is what some number of transactions made of it, at least `least` and at most
// `most`; the number is given back.
std::string broken(const std::string& dir, std::uint32_t least, std::uint32_t most,
                   std::uint32_t& number) {
  try {
    kv::Database store = kv::Database::open(dir, optionsOf(kv::Durability::Crash));
    number = numberOf(store.get("n"));
    if (number < least || number > most)
      return "transaction " + std::to_string(number) + " is the last, not " +
             std::to_string(least) + " to " + std::to_string(most);
    std::map<std::string, std::string> found;
    kv::Cursor cursor = store.cursor();
    while (const auto entry = cursor.next()) found.emplace(entry->key, entry->value);
    if (found != contentsAfter(number))
      return "not what transaction " + std::to_string(number) + " left";
    if (store.count() != found.size()) return "the count is wrong";
    Report report;
    store.verify(report);
    return report.clean() ? "" : "verify: " + report.findings.front().reason;
  } catch (const std::exception& error) {
    return error.what();
  }
}

// All of them with HEXPAGE_THOROUGH set, else some.
TEST(KvCrash, KilledBeforeAnyCallLosesNothingAcknowledged) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  Random random(seed);
  const std::size_t steps = std::getenv("HEXPAGE_THOROUGH") != nullptr ? 1 : 15;
  std::size_t calls = 0;
  bool wasKilled = true;
  for (std::size_t at = 1 + random.below(steps); wasKilled; at += 1 + random.below(steps)) {
    const TempDir dir;
    const auto progress = makeShared<Progress>();
    const pid_t child = startChild(*progress, kChildLimit, [&] {
      awaitTracer();
      showCalls(changingGroups());
      live(dir.string(), kv::Durability::Crash, 24, *progress);
    });
    calls = 0;
    std::string name;
    const int status = trace(child, [&](const Call& call) -> Action {
      if (!call.isChanging() || ++calls != at) return {};
      name = call.name;
      return {Action::KillBefore};
    });
    wasKilled = !name.empty();
    if (!wasKilled) {
      ASSERT_EQ(failureOf(status, *progress).value_or(""), "");
    }
    std::uint32_t number = 0;
    ASSERT_EQ(broken(dir.string(), progress->acknowledged, progress->begun, number), "")
        << "before call " << at << " (" << name << ")";
  }
  EXPECT_GT(calls, 100u);
}

class KvPower : public ::testing::TestWithParam<kv::Durability> {
 protected:
  static bool isPower() { return GetParam() == kv::Durability::Power; }

  Log recordLife(const std::string& dir, std::uint32_t from) {
    const auto progress = makeShared<Progress>();
    Progress* const own = progress.get();
    own->begun = own->acknowledged = own->synced = from;
    const pid_t child = startChild(*progress, kChildLimit, [&] {
      awaitTracer();
      writeByCallsAlone();
      showRecorded();
      live(dir, GetParam(), isPower() ? 14 : 24, *own);
    });
    Recorded recorded = record(dir, {&child, 1}, {&own, 1});
    EXPECT_EQ(failureOf(recorded.statuses[0], *own).value_or(""), "");
    return std::move(recorded.log);
  }

  // Cuts the log and looks at the store; then, one life deeper, does the same with its next log.
  void cut(const Log& log, int points, int depth) {
    for (int n = 0; n < points; ++n) {
      const std::size_t at = random_.below(log.entries.size() + 1);
      const Policy policy = policyOf(random_.below(kPolicies));
      const TempDir dir;
      writeTree(afterCut(log, at, policy, random_), dir.string());
      const Mark mark = log.marksAt(at)[0];
      const std::uint32_t least = isPower() ? mark.acknowledged : mark.synced;
      std::uint32_t number = 0;
      ASSERT_EQ(broken(dir.string(), least, mark.begun, number), "")
          << "before entry " << at << " of " << log.entries.size() << ", " << describe(policy);
      if (depth > 0) cut(recordLife(dir.string(), number), points / 2, depth - 1);
      if (HasFatalFailure()) return;
    }
  }

  const std::uint64_t seed_ = testing::chosenSeed();
  Random random_{seed_};
};

// HEXPAGE_ROUNDS=100 for long.
int rounds() {
  const char* const asked = std::getenv("HEXPAGE_ROUNDS");
  return asked == nullptr ? 1 : std::atoi(asked);
}

TEST_P(KvPower, EveryCutKeepsWhatIsPromised) {
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed_));
  for (int round = 0; round < rounds() && !HasFatalFailure(); ++round) {
    const TempDir dir;
    cut(recordLife(dir.string(), 0), 12, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(, KvPower, ::testing::Values(kv::Durability::Crash, kv::Durability::Power),
                         [](const auto& suite) {
                           return suite.param == kv::Durability::Crash ? "Crash" : "Power";
                         });

}  // namespace
}  // namespace hexpage::torture
