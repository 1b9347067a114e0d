// backup and restore as programs.
#include <csignal>
#include <set>
#include <sstream>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class BackupCommand : public OnEachBackend<ProgramTest> {
 protected:
  void SetUp() override {
    std::string lines;
    for (int i = 0; i < 500; ++i)
      lines += "{\"key\":\"" + std::to_string(i) + "\",\"value\":[" + std::to_string(i) + ".50]}\n";
    ASSERT_EQ(run({"import", "many", "-"}, lines).exitCode, 0);
    run({"put", "few", "a", "1"});
    run({"record", "put", "note", "true"});
  }

  // Two stores may differ in the order.
  std::multiset<std::string> exported(const Words& words) {
    std::istringstream text(run(words).out);
    std::multiset<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
  }

  void expectSame(const std::string& data) {
    EXPECT_EQ(run({"--data", data, "ls"}).out, run({"ls"}).out);
    for (const char* hash : {"few", "many"})
      EXPECT_EQ(exported({"--data", data, "export", hash}), exported({"export", hash}));
    EXPECT_EQ(run({"--data", data, "record", "get", "note"}).out, "true\n");
    EXPECT_EQ(run({"--data", data, "verify"}).exitCode, 0);
  }
};

INSTANTIATE_TEST_SUITE_P(Over, BackupCommand, eachBackend(), nameOfBackend);

TEST_P(BackupCommand, ThereAndBack) {
  const Outcome saved = run({"backup", "b"});
  EXPECT_EQ(saved.exitCode, 0);
  EXPECT_EQ(saved.out, "");
  EXPECT_THAT(saved.err, MatchesRegex("backed up 2 hashes, 1 plain record, 501 items in .*\n"));
  const Outcome restored = run({"--data", "new", "restore", "b"});
  EXPECT_EQ(restored.exitCode, 0);
  EXPECT_THAT(restored.err, MatchesRegex("restored 2 hashes, 1 plain record, 501 items in .*; all "
                                         "compared by count and digest\n"));
  expectSame("new");
}

TEST_P(BackupCommand, Changes) {
  run({"backup", "whole"});
  run({"put", "many", "7", "\"changed\""});
  EXPECT_THAT(run({"backup", "changes", "--since", "whole"}).err,
              MatchesRegex("backed up .*; [0-9]+ items? written\n"));
  EXPECT_LT(contentOf("changes").size(), contentOf("whole").size() / 2);
  EXPECT_EQ(run({"--data", "new", "restore", "whole", "changes"}).exitCode, 0);
  expectSame("new");
  const Outcome alone = run({"--data", "other", "restore", "changes"});
  EXPECT_EQ(alone.exitCode, 2);
  EXPECT_THAT(alone.err, HasSubstr("the whole one first"));
}

TEST_P(BackupCommand, ThroughAPipe) {
  const Outcome saved = run({"backup", "-"});
  EXPECT_EQ(saved.exitCode, 0);
  EXPECT_EQ(run({"--data", "new", "restore", "-"}, saved.out).exitCode, 0);
  expectSame("new");
}

TEST_P(BackupCommand, ADamagedOneChangesNothing) {
  run({"backup", "b"});
  const std::string bytes = contentOf("b");
  writeFile("cut", bytes.substr(0, bytes.size() - 100));
  for (const Words& words :
       {Words{"restore", "--replace", "cut"}, Words{"restore", "--check", "cut"}}) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 3);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("backup cut"), HasSubstr("cut short")));
  }
  EXPECT_THAT(run({"restore", "--check", "b"}).err, HasSubstr("b: sound; 2 hashes"));
  EXPECT_EQ(run({"get", "few", "a"}).out, "1\n");
}

TEST_P(BackupCommand, RefusesAStoreThatIsNotEmpty) {
  run({"backup", "b"});
  run({"put", "few", "b", "2"});
  const Outcome outcome = run({"restore", "b"});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("not empty"), HasSubstr("--replace")));
  EXPECT_EQ(run({"restore", "--replace", "b"}).exitCode, 0);
  EXPECT_EQ(run({"get", "few", "b"}).exitCode, 1);
}

TEST_P(BackupCommand, AnOldFileStaysUntilTheNewOneIsWhole) {
  writeFile("b", "old");
  EXPECT_EQ(run({"backup", "b", "--since", "few"}).exitCode, 2);
  EXPECT_EQ(run({"backup", "b", "--since", "b"}).exitCode, 2);
  EXPECT_EQ(run({"backup", "c", "--since", "b"}).exitCode, 3);
  EXPECT_EQ(contentOf("b"), "old");
  EXPECT_FALSE(std::filesystem::exists(directory() / "c"));
  EXPECT_EQ(run({"--data", "none", "backup", "b"}).exitCode, 1);
}

// Whoever is killed leaves the destination as it was, or restored, or to be restored once more.
TEST_P(BackupCommand, ARestoreKilledAtAnyMomentCanBeRunAgain) {
  run({"backup", "b"});
  for (int millis = 2; millis < 60; millis += 11) {
    const std::string limit = "0.0" + std::string(millis < 10 ? "0" : "") + std::to_string(millis);
    const Outcome outcome = runOther({"timeout", "--signal=KILL", limit, HEXPAGE_PROGRAM, "--data",
                                      "new", "restore", "--replace", "b"});
    ASSERT_TRUE(outcome.exitCode == 0 || outcome.exitCode == 128 + SIGKILL) << outcome.err;
  }
  EXPECT_EQ(run({"--data", "new", "restore", "--replace", "b"}).exitCode, 0);
  expectSame("new");
}

}  // namespace
}  // namespace hexpage::cli_test
