// lock: what it runs, how that ends, and whom it keeps out meanwhile.
#include <csignal>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using testing::HasSubstr;

class LockCommand : public OnEachBackend<ProgramTest> {
 protected:
  void SetUp() override { ASSERT_EQ(run({"put", "users", "ann", "1"}).exitCode, 0); }

  // A command that holds the lock of these words while it runs `held`.
  Outcome runLocked(Words words, const Words& held) {
    words.insert(words.begin(), "lock");
    words.push_back("--");
    words.insert(words.end(), held.begin(), held.end());
    return run(words);
  }

  static Words shell(const std::string& script) { return {"sh", "-c", script}; }

  // A shell that can trap the signals, should whoever runs the tests ignore them.
  static Words trappingShell(const std::string& script) {
    return {"env", "--default-signal", "sh", "-c", script};
  }

  // What a second one says that asks for the lock of `inner` while `outer` is held.
  Outcome runBeside(const Words& outer, const std::string& inner) {
    return runLocked(outer, shell(HEXPAGE_PROGRAM " lock " + inner + " -- echo ran"));
  }
};

INSTANTIATE_TEST_SUITE_P(Over, LockCommand, eachBackend(), nameOfBackend);

TEST_P(LockCommand, RunsTheCommandWithItsWordsAndInput) {
  EXPECT_EQ(runLocked({"n"}, {"printf", "%s|", "--data", "-x", "[a,b]", "++", "--", ""}).out,
            "--data|-x|[a,b]|++|--||");
  EXPECT_EQ(run({"lock", "n", "printf", "%s|", "a", "--", "-b"}).out, "a|-b|");
  EXPECT_EQ(run({"lock", "--", "-n", "--", "printf", "%s", "-e"}).out, "-e");
  EXPECT_EQ(run({"lock", "n", "--", "cat"}, "typed").out, "typed");
}

TEST_P(LockCommand, EndsAsTheCommandDoes) {
  EXPECT_EQ(runLocked({"n"}, {"true"}).exitCode, 0);
  EXPECT_EQ(runLocked({"n"}, shell("exit 7")).exitCode, 7);
  EXPECT_EQ(runLocked({"n"}, shell("kill -KILL $$")).exitCode, 128 + SIGKILL);
  const Outcome absent = runLocked({"n"}, {"hexpage-no-such-command"});
  EXPECT_EQ(absent.exitCode, 127);
  EXPECT_EQ(absent.err, "hexpage: hexpage-no-such-command: No such file or directory\n");
  EXPECT_EQ(runLocked({"n"}, {"./data"}).exitCode, 126);
}

TEST_P(LockCommand, HoldsTheLockMeanwhile) {
  const Words locks = {HEXPAGE_PROGRAM, "locks", "--json"};
  EXPECT_THAT(runLocked({"nightly"}, locks).out,
              HasSubstr(R"("name":"nightly","mode":"exclusive","waits":false)"));
  EXPECT_THAT(runLocked({"nightly", "--shared"}, locks).out,
              HasSubstr(R"("name":"nightly","mode":"shared")"));
  EXPECT_THAT(runLocked({"--item", "Users", "ann"}, locks).out,
              HasSubstr(R"("name":"item:users:ann","mode":"exclusive")"));
  EXPECT_EQ(run(Words(locks.begin() + 1, locks.end())).out, "") << "it is free at the end";
}

TEST_P(LockCommand, KeepsOutWhoAsksForTheSame) {
  for (const char* const inner : {"n --try", "n --timeout 10ms", "n --shared --try"}) {
    const Outcome refused = runBeside({"n"}, inner);
    EXPECT_EQ(refused.exitCode, 5) << inner;
    EXPECT_EQ(refused.out, "") << inner;
    EXPECT_THAT(refused.err, HasSubstr("lock timeout: n is held by")) << inner;
  }
  // It had named no process.
  EXPECT_THAT(runBeside({"n"}, "n --timeout 10ms").err, HasSubstr("n is held by process "));
  EXPECT_EQ(runBeside({"n"}, "other --try").out, "ran\n");
  EXPECT_EQ(runBeside({"n", "--shared"}, "n --shared --try").out, "ran\n");
  EXPECT_EQ(runBeside({"n", "--shared"}, "n --try").exitCode, 5);
  EXPECT_EQ(runBeside({"--item", "users", "ann"}, "--item users ann --try").exitCode, 5);
  EXPECT_EQ(runBeside({"--item", "users", "ann"}, "--item users bob --try").out, "ran\n");
}

TEST_P(LockCommand, WaitsUntilItIsFree) {
  const Outcome both =
      runLocked({"n"}, shell("(" HEXPAGE_PROGRAM " lock n -- echo second) 2>said & "
                             "until " HEXPAGE_PROGRAM
                             " locks --json | grep -q '\"waits\":true'; do :; done; echo first"));
  EXPECT_EQ(both.exitCode, 0);
  EXPECT_EQ(both.out, "first\nsecond\n");
}

TEST_P(LockCommand, NobodyIsKeptFromTheHash) {
  EXPECT_EQ(
      runLocked({"--item", "users", "ann"}, {HEXPAGE_PROGRAM, "put", "users", "ann", "2"}).exitCode,
      0);
  EXPECT_EQ(run({"get", "users", "ann"}).out, "2\n");
}

// The shell's parent is the program that holds the lock.
TEST_P(LockCommand, PassesSignalsOn) {
  for (const std::string signal : {"INT", "TERM", "HUP", "QUIT"}) {
    const Outcome outcome =
        runLocked({"n"}, trappingShell("trap 'echo got; exit 3' " + signal + "; kill -" + signal +
                                       " $PPID; while :; do :; done"));
    EXPECT_EQ(outcome.out, "got\n") << signal;
    EXPECT_EQ(outcome.exitCode, 3) << signal;
  }
}

TEST_P(LockCommand, WhenItIsKilledTheCommandIsAskedToEnd) {
  const Outcome outcome = runLocked(
      {"n"}, trappingShell("trap 'echo got; exit' TERM; kill -KILL $PPID; while :; do :; done"));
  EXPECT_EQ(outcome.out, "got\n");
  EXPECT_EQ(outcome.exitCode, 128 + SIGKILL);
  EXPECT_EQ(runLocked({"n", "--try"}, {"echo", "ran"}).out, "ran\n");
}

TEST_P(LockCommand, AnIgnoredEndOfAChildIsWaitedForAllTheSame) {
  const Outcome outcome =
      runOther({"bash", "-c", "trap '' CHLD; exec " HEXPAGE_PROGRAM " lock n -- sh -c 'exit 7'"});
  EXPECT_EQ(outcome.exitCode, 7);
}

TEST_P(LockCommand, GivesTheCommandNothingOfItsOwn) {
  EXPECT_EQ(runLocked({"n"}, {"ls", "/proc/self/fd"}).out, runOther({"ls", "/proc/self/fd"}).out);
  const Outcome piped = runLocked({"n"}, shell("kill -PIPE $$; echo ignored"));
  EXPECT_EQ(piped.out, "");
  EXPECT_EQ(piped.exitCode, 128 + SIGPIPE);
  EXPECT_EQ(runLocked({"n"}, shell("grep SigBlk /proc/self/status")).out,
            runOther(shell("grep SigBlk /proc/self/status")).out);
}

TEST_P(LockCommand, BadUseRunsNothing) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"lock", "n"}, "COMMAND"},
      {{"lock", "--item", "users", "ann"}, "a command to run is missing"},
      {{"lock", "--item", "users", "ann", "--shared", "--", "echo"}, "never --shared"},
      {{"lock", "n", "--try", "--timeout", "1s", "--", "echo"}, "--try does not wait"},
      {{"lock", "n", "--timeout", "soon", "--", "echo"}, "no timeout: soon"},
      {{"lock", "item:n", "--", "echo"}, "must not begin with item:"},
      {{"lock", "n", "echo", "-x"}, "behind --, as in hexpage lock ... -- -x"}};
  for (const auto& [words, why] : cases) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 2) << why;
    EXPECT_EQ(outcome.out, "") << why;
    EXPECT_THAT(outcome.err, HasSubstr(why));
  }
}

// There its locks would keep out no other process.
TEST_P(LockCommand, AStoreThatIsOpenToReadOnlyOrNotThereRefuses) {
  const Outcome readOnly = runLocked({"n", "--set", "read_only=true"}, {"echo", "ran"});
  EXPECT_EQ(readOnly.exitCode, 4);
  EXPECT_EQ(readOnly.out, "");
  const Outcome absent = runLocked({"n", "--data", "nowhere"}, {"echo", "ran"});
  EXPECT_EQ(absent.exitCode, 1);
  EXPECT_EQ(absent.out, "");
  EXPECT_FALSE(std::filesystem::exists(directory() / "nowhere"));
}

}  // namespace
}  // namespace hexpage::cli_test
