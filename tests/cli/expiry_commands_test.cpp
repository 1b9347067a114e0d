// put --ttl, expire, persist, ttl, sweep, their words of the pipe, and watch.
#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using testing::HasSubstr;

class ExpiryCommands : public OnEachBackend<ProgramTest> {
 protected:
  std::string out(const Words& words) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    return outcome.out;
  }
  long millisLeft(const std::string& key) { return std::stol(out({"ttl", "h", key})); }
};

INSTANTIATE_TEST_SUITE_P(Over, ExpiryCommands, eachBackend(), nameOfBackend);

// A process takes longer than a millisecond, so that the next one finds its item expired.
TEST_P(ExpiryCommands, WhatHasExpiredIsNotThere) {
  run({"put", "h", "gone", "1", "--ttl", "1ms"});
  run({"put", "h", "ever", "2"});
  EXPECT_EQ(run({"get", "h", "gone"}).exitCode, 1);
  EXPECT_EQ(run({"ttl", "h", "gone"}).exitCode, 1);
  EXPECT_EQ(run({"expire", "h", "gone", "1h"}).exitCode, 1);
  EXPECT_EQ(run({"persist", "h", "gone"}).exitCode, 1);
  EXPECT_EQ(out({"count", "h", "all"}), "1\n");
  EXPECT_THAT(run({"sweep", "h"}).err, HasSubstr("removed 1 expired document"));
  EXPECT_THAT(run({"sweep"}).err, HasSubstr("removed 0 expired documents"));
  EXPECT_EQ(run({"sweep", "none"}).exitCode, 1);
}

TEST_P(ExpiryCommands, TheTimeIsSetAndTold) {
  run({"put", "h", "k", "1", "--ttl", "2h"});
  EXPECT_GT(millisLeft("k"), 7'000'000);
  EXPECT_LE(millisLeft("k"), 7'200'000);
  out({"expire", "h", "k", "3d"});
  EXPECT_GT(millisLeft("k"), 2 * 86'400'000);
  out({"persist", "h", "k"});
  EXPECT_EQ(out({"ttl", "h", "k"}), "never\n");
  EXPECT_EQ(out({"increment", "h", "count", "--ttl", "1h"}), "1\n");
  EXPECT_GT(millisLeft("count"), 3'000'000);
}

TEST_P(ExpiryCommands, ATimeThatIsNoneIsRefused) {
  for (const char* time : {"0", "-5s", "5w", "s", "1.5s", "9999999999999999999", "10000000000000d"})
    EXPECT_EQ(run({"put", "h", "k", "1", "--ttl", time}).exitCode, 2) << time;
  EXPECT_THAT(run({"put", "h", "k", "1", "--ttl", "5w"}).err,
              HasSubstr("no time to live: 5w; write a whole number above 0 and its unit"));
}

TEST_P(ExpiryCommands, ThePipeHasWordsForIt) {
  const std::string input =
      "PUTTTL \"h\" \"k\" 3600000 {\"a\":1}\nTTL \"h\" \"k\"\nPERSIST \"h\" \"k\"\n"
      "TTL \"h\" \"k\"\nTTL \"h\" \"none\"\nEXPIRE \"h\" \"none\" 5\nEXPIRE \"h\" \"k\" 5000\n"
      "PERSIST \"h\" \"none\"\nSWEEP \"h\"\nPUTTTL \"h\" \"k\" 0 1\nEXPIRE \"h\" \"k\" x\nQUIT\n";
  const Outcome outcome = run({"pipe"}, input);
  const std::string answers = outcome.out.substr(outcome.out.find('\n') + 1);
  EXPECT_THAT(answers, testing::MatchesRegex("OK 1\nOK 3[0-9]+\nOK 1\nOK null\nNIL\nOK 0\nOK 1\n"
                                             "OK 0\nOK 0\nERR BADREQ [^\n]*\n"
                                             "ERR BADREQ [^\n]*\nOK\n"));
}

// Runs `hexpage watch` beside commands that change the store.
TEST_P(ExpiryCommands, WatchTellsWhatOthersChange) {
  run({"put", "users", "ann", "1"});
  run({"put", "others", "x", "1"});
  writeFile("watched.sh", R"(
    hexpage=$1
    await() { for i in $(seq 1000); do grep -q "$1" "$2" && return; sleep 0.02; done; }
    $hexpage watch users --interval 10ms > out 2> err &
    watch=$!
    await watching err
    $hexpage put others y 1
    $hexpage put users bob '{"a": 1}';  await '"bob","value":{"a":1}' out
    $hexpage put users ann 2;           await '"ann","value":2' out
    $hexpage del users bob;             await 'delete.*"bob"' out
    $hexpage put users/old k 1;         await '"users/old","key":"k"' out
    $hexpage drop users/old;            await drop out
    $hexpage record put users/r 1;      await put_record out
    kill -TERM $watch; wait $watch; echo "ended with $?"
  )");
  const Outcome outcome = runOther({"bash", "watched.sh", HEXPAGE_PROGRAM});
  EXPECT_THAT(outcome.out, HasSubstr("ended with 143")) << outcome.err;
  EXPECT_EQ(contentOf("out"),
            "{\"change\":\"put\",\"path\":\"users\",\"key\":\"bob\",\"value\":{\"a\":1}}\n"
            "{\"change\":\"put\",\"path\":\"users\",\"key\":\"ann\",\"value\":2}\n"
            "{\"change\":\"delete\",\"path\":\"users\",\"key\":\"bob\"}\n"
            "{\"change\":\"create\",\"path\":\"users/old\"}\n"
            "{\"change\":\"put\",\"path\":\"users/old\",\"key\":\"k\",\"value\":1}\n"
            "{\"change\":\"drop\",\"path\":\"users/old\"}\n"
            "{\"change\":\"put_record\",\"path\":\"users/r\",\"value\":1}\n");
}

// All of them, which whoever only looks now and then does not see.
TEST_P(ExpiryCommands, WatchTellsEachChange) {
  run({"put", "h", "n", "0"});
  writeFile("each.sh", R"(
    hexpage=$1
    await() { for i in $(seq 1000); do grep -q "$1" "$2" && return; sleep 0.02; done; }
    $hexpage watch > out 2> err &
    watch=$!
    await watching err
    for i in $(seq 100); do echo 'INCR "h" "n"'; done | $hexpage pipe > answers
    await '"value":100}' out
    kill -TERM $watch; wait $watch; echo "ended with $?"
  )");
  const Outcome outcome = runOther({"bash", "each.sh", HEXPAGE_PROGRAM});
  EXPECT_THAT(outcome.out, HasSubstr("ended with 143")) << outcome.err;
  std::string expected;
  for (int i = 1; i <= 100; ++i)
    expected +=
        "{\"change\":\"put\",\"path\":\"h\",\"key\":\"n\",\"value\":" + std::to_string(i) + "}\n";
  EXPECT_EQ(contentOf("out"), expected);
}

TEST_P(ExpiryCommands, WatchLooksWhenItIsToldTo) {
  run({"put", "users", "ann", "1"});
  writeFile("looks.sh", R"(
    hexpage=$1
    await() { for i in $(seq 1000); do grep -q "$1" "$2" && return; sleep 0.02; done; }
    $hexpage watch --looks --interval 10ms > out 2> err &
    watch=$!
    await watching err
    $hexpage put users ann 2;           await '"ann","value":2' out
    $hexpage rename users others;       await drop out; await others out
    kill -TERM $watch; wait $watch; echo "ended with $?"
  )");
  const Outcome outcome = runOther({"bash", "looks.sh", HEXPAGE_PROGRAM});
  EXPECT_THAT(outcome.out, HasSubstr("ended with 143")) << outcome.err;
  EXPECT_THAT(contentOf("out"), HasSubstr("{\"change\":\"drop\",\"path\":\"users\"}\n"));
}

}  // namespace
}  // namespace hexpage::cli_test
