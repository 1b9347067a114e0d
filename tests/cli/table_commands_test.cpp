// increment, decrement, push, array-size, get --member, match, count, delete-matching.
#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using testing::HasSubstr;

class TableCommands : public OnEachBackend<ProgramTest> {
 protected:
  std::string out(const Words& words) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    return outcome.out;
  }
  void putUsers() {
    run({"put", "users", "ann", R"({"city":"Oslo","tags":["a","b"]})"});
    run({"put", "users", "anton", R"({"city":"oslo"})"});
    run({"put", "users", "bob", "7"});
  }
};

INSTANTIATE_TEST_SUITE_P(Over, TableCommands, eachBackend(), nameOfBackend);

TEST_P(TableCommands, IncrementAndDecrementPrintTheResult) {
  EXPECT_EQ(out({"increment", "calls", "ann"}), "1\n");
  EXPECT_EQ(out({"increment", "calls", "ann", "41"}), "42\n");
  EXPECT_EQ(out({"decrement", "calls", "ann", "0.5"}), "41.5\n");
  EXPECT_EQ(out({"increment", "calls", "bob", "-3", "--member", "day.5"}), "-3\n");
  EXPECT_EQ(out({"get", "calls", "bob"}), "{\"day\":{\"5\":-3}}\n");
}

TEST_P(TableCommands, IncrementRefusesWhatIsNoNumber) {
  run({"put", "calls", "ann", "\"5\""});
  const Outcome refused = run({"increment", "calls", "ann"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("calls: ann: no number but a string"));
  EXPECT_EQ(run({"increment", "calls", "bob", "x"}).exitCode, 2);
}

TEST_P(TableCommands, PushPrintsTheNewSize) {
  EXPECT_EQ(out({"push", "users", "ann", "\"vip\"", "--member", "tags"}), "1\n");
  EXPECT_EQ(out({"push", "users", "ann", "[1]", "--member", "tags"}), "2\n");
  EXPECT_EQ(out({"get", "users", "ann"}), "{\"tags\":[\"vip\",[1]]}\n");
}

TEST_P(TableCommands, PushKeepsAnElementAsItIsSpelled) {
  run({"push", "users", "ann", "1.10"});
  run({"push", "users", "ann", " {\"b\": 1e2, \"a\": 1.0} "});
  EXPECT_EQ(out({"get", "users", "ann"}), "[1.10,{\"b\":1e2,\"a\":1.0}]\n");
}

TEST_P(TableCommands, ArraySizePrintsHowManyElements) {
  putUsers();
  EXPECT_EQ(out({"array-size", "users", "ann", "--member", "tags"}), "2\n");
  EXPECT_EQ(out({"array-size", "users", "ann", "--member", "none"}), "0\n");
  EXPECT_EQ(out({"array-size", "nobody", "ann"}), "0\n");
  const Outcome refused = run({"array-size", "users", "ann"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("users: ann: no array"));
}

TEST_P(TableCommands, GetPrintsOneValueOfADocument) {
  putUsers();
  EXPECT_EQ(out({"get", "users", "ann", "--member", "tags[1]"}), "\"b\"\n");
  const Outcome none = run({"get", "users", "ann", "--member", "tags[2]"});
  EXPECT_EQ(none.exitCode, 1);
  EXPECT_THAT(none.err, HasSubstr("no such member: users: ann: tags[2]"));
}

TEST_P(TableCommands, MatchPrintsItemsAndTellsWhenThereAreNone) {
  putUsers();
  EXPECT_EQ(out({"match", "users", "equals", "Oslo", "--member", "city"}),
            "{\"key\":\"ann\",\"value\":{\"city\":\"Oslo\",\"tags\":[\"a\",\"b\"]}}\n");
  EXPECT_EQ(run({"match", "users", "prefix", "x"}).exitCode, 1);
  EXPECT_EQ(run({"match", "nobody", "all"}).exitCode, 1);
}

TEST_P(TableCommands, CountTellsHowManyPass) {
  putUsers();
  EXPECT_EQ(out({"count", "users", "all"}), "3\n");
  EXPECT_EQ(out({"count", "users", "prefix", "an"}), "2\n");
  EXPECT_EQ(out({"count", "users", "regex", "OSLO", "--member", "city", "--ignore-case"}), "2\n");
  EXPECT_EQ(out({"count", "users", "integer", "7", "--value"}), "1\n");
  EXPECT_EQ(out({"count", "users", "equals", "eve"}), "0\n");
}

TEST_P(TableCommands, DeleteMatchingRemovesThem) {
  putUsers();
  const Outcome removed = run({"delete-matching", "users", "prefix", "an"});
  EXPECT_EQ(removed.exitCode, 0);
  EXPECT_THAT(removed.err, HasSubstr("removed 2 documents"));
  EXPECT_EQ(out({"keys", "users"}), "bob\n");
  EXPECT_EQ(run({"delete-matching", "users", "prefix", "an"}).exitCode, 1);
}

TEST_P(TableCommands, AnUnknownTestIsRefusedWithTheKnownOnes) {
  putUsers();
  const Outcome refused = run({"count", "users", "like", "a"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("known: all, equals, not-equals"));
  EXPECT_EQ(run({"count", "users", "regex", "["}).exitCode, 2);
}

}  // namespace
}  // namespace hexpage::cli_test
