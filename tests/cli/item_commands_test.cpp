// put, get, del, update, merge, each, keys, all.
#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using testing::HasSubstr;

class ItemCommands : public OnEachBackend<ProgramTest> {};

INSTANTIATE_TEST_SUITE_P(Over, ItemCommands, eachBackend(), nameOfBackend);

TEST_P(ItemCommands, GetGivesWhatWasPutWithItsSpelling) {
  const std::string document =
      R"({"z":1.10,"a":-0,"big":123456789012345678901234567890,"e":1e400})";
  EXPECT_EQ(run({"put", "users", "ann", document}).exitCode, 0);
  const Outcome got = run({"get", "users", "ann"});
  EXPECT_EQ(got.exitCode, 0);
  EXPECT_EQ(got.out, document + "\n");
  EXPECT_EQ(got.err, "");
}

TEST_P(ItemCommands, PutDropsWhiteSpaceBetweenTokens) {
  run({"put", "users", "ann", " { \"a b\" : [ 1 , 2 ] } "});
  EXPECT_EQ(run({"get", "users", "ann", "--raw"}).out, "{\"a b\":[1,2]}\n");
}

TEST_P(ItemCommands, PutReadsStandardInput) {
  EXPECT_EQ(run({"put", "users", "ann", "-"}, "{\n  \"a\": \"é\"\n}\n").exitCode, 0);
  EXPECT_EQ(run({"get", "users", "ann"}).out, "{\"a\":\"é\"}\n");
}

TEST_P(ItemCommands, PutMakesTheHashWithItsPageSize) {
  run({"put", "users", "ann", "1", "--page-size", "7"});
  EXPECT_THAT(run({"info", "users"}).out, HasSubstr("\"page_size\":7"));
}

TEST_P(ItemCommands, PutRefusesWhatIsNoDocument) {
  for (const char* bad : {"{bad", "", "{\"a\":1,\"a\":2}", "NaN", "\"\xff\"", "1 2"}) {
    const Outcome put = run({"put", "users", "ann", bad});
    EXPECT_EQ(put.exitCode, 2) << bad;
    EXPECT_THAT(put.err, HasSubstr("invalid JSON")) << bad;
  }
  EXPECT_EQ(run({"ls"}).exitCode, 1) << "nothing may have been made";
}

TEST_P(ItemCommands, BadKeysAndPathsAreBadUse) {
  EXPECT_EQ(run({"put", "users", "", "1"}).exitCode, 2);
  EXPECT_EQ(run({"put", "../users", "a", "1"}).exitCode, 2);
  EXPECT_EQ(run({"put", "users", std::string(70'000, 'k'), "1"}).exitCode, 2);
}

TEST_P(ItemCommands, AnyWordMayBeAKey) {
  for (const std::string key : {"[a,b]", "++", "{}", "put", "%x", "a=b", "\x1f", "🙂"}) {
    EXPECT_EQ(
        run({"put", "h", key, "[1,\"" + std::string(key == "\x1f" ? "x" : key) + "\"]"}).exitCode,
        0)
        << key;
    EXPECT_EQ(run({"get", "h", key}).exitCode, 0) << key;
    EXPECT_EQ(run({"del", "h", key}).exitCode, 0) << key;
  }
  EXPECT_EQ(run({"put", "h", "--", "-x", "-5"}).exitCode, 0);
  EXPECT_EQ(run({"get", "h", "--", "-x"}).out, "-5\n");
}

TEST_P(ItemCommands, GetOfWhatIsNotThereIsOne) {
  run({"put", "users", "ann", "1"});
  const Outcome noKey = run({"get", "users", "bob"});
  EXPECT_EQ(noKey.exitCode, 1);
  EXPECT_EQ(noKey.out, "");
  EXPECT_THAT(noKey.err, HasSubstr("bob"));
  EXPECT_EQ(run({"get", "nobody", "bob"}).exitCode, 1);
}

TEST_P(ItemCommands, DelSaysHowManyThereWere) {
  run({"put", "users", "ann", "1"});
  run({"put", "users", "bob", "2"});
  const Outcome some = run({"del", "users", "ann", "eve", "bob"});
  EXPECT_EQ(some.exitCode, 0);
  EXPECT_EQ(some.out, "");
  EXPECT_EQ(some.err, "removed 2 of 3 documents\n");
  EXPECT_EQ(run({"del", "users", "ann"}).exitCode, 1);
  EXPECT_EQ(run({"del", "nobody", "ann"}).exitCode, 1);
}

TEST_P(ItemCommands, DelEntireRemovesAnEmptyHashOnly) {
  run({"put", "users", "ann", "1"});
  run({"put", "users", "bob", "2"});
  run({"del", "users", "ann", "--entire"});
  EXPECT_EQ(run({"ls"}).out, "users\n");
  run({"del", "users", "bob", "--entire"});
  EXPECT_EQ(run({"ls"}).out, "");
}

TEST_P(ItemCommands, UpdateSetsNestedMembers) {
  run({"put", "users", "ann", R"({"name":"Ann","n":1.10})"});
  EXPECT_EQ(run({"update", "users", "ann", R"({"address.city":"Oslo"})"}).exitCode, 0);
  EXPECT_EQ(run({"get", "users", "ann"}).out, R"({"name":"Ann","n":1.10,"address":{"city":"Oslo"}})"
                                              "\n");
  EXPECT_EQ(run({"update", "users", "bob", "{\"a\":1}"}).exitCode, 1);
  EXPECT_EQ(run({"update", "users", "ann", "{"}).exitCode, 2);
}

TEST_P(ItemCommands, MergeRemovesWhatIsNull) {
  run({"put", "users", "ann", R"({"name":"Ann","age":41})"});
  EXPECT_EQ(run({"merge", "users", "ann", R"({"age":null,"x":{"y":1}})"}).exitCode, 0);
  EXPECT_EQ(run({"get", "users", "ann"}).out, R"({"name":"Ann","x":{"y":1}})"
                                              "\n");
  EXPECT_EQ(run({"merge", "users", "bob", "{}"}).exitCode, 1);
}

TEST_P(ItemCommands, EachKeysAndAllListEverything) {
  run({"put", "users", "a\"b", "1.10"});
  EXPECT_EQ(run({"each", "users"}).out, "{\"key\":\"a\\\"b\",\"value\":1.10}\n");
  EXPECT_EQ(run({"keys", "users"}).out, "a\"b\n");
  EXPECT_EQ(run({"keys", "users", "--json"}).out, "\"a\\\"b\"\n");
  EXPECT_EQ(run({"all", "users"}).out, "{\"a\\\"b\":1.10}\n");
}

TEST_P(ItemCommands, AKeyWithALineEndStaysOnItsLine) {
  run({"put", "users", "two\nlines", "1"});
  EXPECT_EQ(run({"keys", "users"}).out, "\"two\\nlines\"\n");
}

TEST_P(ItemCommands, ListsOfAnEmptyHashAndOfNone) {
  run({"create", "users"});
  EXPECT_EQ(run({"all", "users"}).out, "{}\n");
  EXPECT_EQ(run({"each", "users"}).out, "");
  for (const char* command : {"each", "keys", "all"})
    EXPECT_EQ(run({command, "nobody"}).exitCode, 1) << command;
}

TEST_P(ItemCommands, TerminalShowsDocumentsIndented) {
  run({"put", "users", "ann", R"({"a":{"b":1}})"});
  EXPECT_EQ(runOnTerminal({"get", "users", "ann"}).out, "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}\n");
  EXPECT_EQ(runOnTerminal({"all", "users"}).out,
            "{\n\t\"ann\": {\n\t\t\"a\": {\n\t\t\t\"b\": 1\n\t\t}\n\t}\n}\n");
}

}  // namespace
}  // namespace hexpage::cli_test
