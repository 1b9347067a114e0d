// create, info, ls, copy, rename, clear, drop, page-size, tree, stat, record.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class HashCommands : public OnEachBackend<ProgramTest> {};

INSTANTIATE_TEST_SUITE_P(Over, HashCommands, eachBackend(), nameOfBackend);

TEST_P(HashCommands, CreateTakesHeaderMembers) {
  EXPECT_EQ(run({"create", "users", R"({"owner":"hr"})", "--page-size", "9"}).exitCode, 0);
  EXPECT_EQ(json::parse(run({"info", "users"}).out),
            json::parse(R"({"path":"users","length":0,"page_size":9,
                            "options":{"owner":"hr","page_size":9}})"));
  EXPECT_EQ(run({"create", "other", "[1]"}).exitCode, 2);
  EXPECT_EQ(run({"create", "other", "--page-size", "0"}).exitCode, 2);
}

TEST_P(HashCommands, LsListsByPrefix) {
  run({"put", "users", "a", "1"});
  run({"put", "archive/users", "a", "1"});
  EXPECT_EQ(run({"ls"}).out, "archive/users\nusers\n");
  EXPECT_EQ(run({"ls", "arch", "--json"}).out,
            R"({"path":"archive/users","length":1,"page_size":50})"
            "\n");
  EXPECT_EQ(run({"ls", "nothing"}).exitCode, 0);
}

TEST_P(HashCommands, LsIsATableOnATerminal) {
  run({"put", "users", "a", "1"});
  environment["NO_COLOR"] = "1";
  EXPECT_EQ(runOnTerminal({"ls"}).out, "HASH   ITEMS  PAGE SIZE\nusers      1         50\n");
  EXPECT_EQ(run({"ls", "-l"}).out, runOnTerminal({"ls"}).out);
}

TEST_P(HashCommands, ColoursOnlyOnATerminalAndWithoutNoColor) {
  run({"put", "users", "a", "1"});
  EXPECT_THAT(runOnTerminal({"ls"}).out, HasSubstr("\x1b["));
  EXPECT_THAT(run({"ls", "-l"}).out, Not(HasSubstr("\x1b[")));
  environment["NO_COLOR"] = "1";
  EXPECT_THAT(runOnTerminal({"ls"}).out, Not(HasSubstr("\x1b[")));
}

TEST_P(HashCommands, CopyAndRenameMoveTheItems) {
  run({"put", "a", "k", "1"});
  EXPECT_EQ(run({"copy", "a", "b"}).exitCode, 0);
  EXPECT_EQ(run({"rename", "b", "c"}).exitCode, 0);
  EXPECT_EQ(run({"ls"}).out, "a\nc\n");
  EXPECT_EQ(run({"get", "c", "k"}).out, "1\n");
  EXPECT_EQ(run({"copy", "nobody", "d"}).exitCode, 1);
  EXPECT_EQ(run({"rename", "nobody", "d"}).exitCode, 1);
}

TEST_P(HashCommands, AHashInsideAnotherOnesPagesIsAConflict) {
  run({"put", "a", "k", "1"});
  EXPECT_EQ(run({"put", "a/data/0", "k", "1"}).exitCode, 2);
}

TEST_P(HashCommands, ClearEmptiesAndDropRemoves) {
  importNumbers("users", 12);
  const Outcome clear = run({"clear", "users"});
  EXPECT_EQ(clear.exitCode, 0);
  EXPECT_EQ(clear.err, "removed 12 documents\n");
  EXPECT_EQ(run({"ls"}).out, "users\n");
  EXPECT_EQ(run({"drop", "users"}).exitCode, 0);
  EXPECT_EQ(run({"ls"}).out, "");
  EXPECT_EQ(run({"clear", "users"}).exitCode, 1);
  EXPECT_EQ(run({"drop", "users"}).exitCode, 1);
}

TEST_P(HashCommands, PageSizeLaysOutAnew) {
  importNumbers("users", 40);
  EXPECT_EQ(run({"page-size", "users", "50"}).exitCode, 0);
  EXPECT_THAT(run({"info", "users"}).out, HasSubstr("\"page_size\":50"));
  EXPECT_THAT(run({"tree", "users"}).out, StartsWith("users  40 items, page size 50\n"));
  EXPECT_EQ(run({"page-size", "users", "0"}).exitCode, 2);
  EXPECT_EQ(run({"page-size", "users", "many"}).exitCode, 2);
  EXPECT_EQ(run({"page-size", "nobody", "5"}).exitCode, 1);
}

TEST_P(HashCommands, TreeOfJsonCountsEveryItem) {
  importNumbers("users", 60);
  std::istringstream lines(run({"tree", "users", "--json"}).out);
  int items = 0;
  for (std::string line; std::getline(lines, line);) items += json::parse(line)["items"].get<int>();
  EXPECT_EQ(items, 60);
  EXPECT_EQ(run({"tree", "nobody"}).exitCode, 1);
}

TEST_P(HashCommands, StatAddsUp) {
  importNumbers("users", 100);
  const json stat = json::parse(run({"stat", "users", "--json"}).out);
  EXPECT_EQ(stat["items"], 100);
  EXPECT_EQ(stat["page_size"], 4);
  int pages = stat.value("overfull", 0);
  for (const json& count : stat["fill"]) pages += count.get<int>();
  EXPECT_EQ(stat["pages"], pages);
  int atDepths = 0;
  for (const json& count : stat["pages_at_depth"]) atDepths += count.get<int>();
  EXPECT_EQ(atDepths, pages);
  EXPECT_EQ(stat["pages_at_depth"].size(), stat["depth"].get<std::size_t>());
  const std::string shown = run({"stat", "users"}).out;
  EXPECT_THAT(shown, HasSubstr("pages by "));
  EXPECT_THAT(shown, HasSubstr("pages by depth\n"));
  EXPECT_EQ(run({"stat", "nobody"}).exitCode, 1);
}

TEST_P(HashCommands, StatOfAStoreTellsOfItsHashes) {
  importNumbers("users", 20);
  const Outcome shown = run({"stat"});
  EXPECT_EQ(shown.exitCode, 0);
  EXPECT_THAT(shown.out, ContainsRegex("items +20\n"));
}

TEST_P(HashCommands, CompactNeedsAStore) {
  EXPECT_EQ(run({"compact"}).exitCode, 1);
  importNumbers("users", 3);
  EXPECT_THAT(run({"compact"}).err, ContainsRegex("gave back [0-9]+ B in"));
}

TEST_P(HashCommands, RecordsAreKeptBesideHashes) {
  run({"put", "users", "a", "1"});
  EXPECT_EQ(run({"record", "put", "settings/mail", R"({"from":"it"})"}).exitCode, 0);
  EXPECT_EQ(run({"record", "get", "settings/mail"}).out, R"({"from":"it"})"
                                                         "\n");
  EXPECT_EQ(run({"record", "ls"}).out, "settings/mail\n");
  EXPECT_EQ(run({"record", "put", "users", "1"}).exitCode, 2) << "a hash is there";
  EXPECT_EQ(run({"record", "del", "settings/mail"}).exitCode, 0);
  EXPECT_EQ(run({"record", "del", "settings/mail"}).exitCode, 1);
  EXPECT_EQ(run({"record", "get", "settings/mail"}).exitCode, 1);
}

// They once came back as 1.1 and 1.2345678901234568e+29.
TEST_P(HashCommands, RecordsKeepTheSpellingOfNumbers) {
  const std::string text = R"({"price":1.10,"huge":123456789012345678901234567890})";
  EXPECT_EQ(run({"record", "put", "prices", text}).exitCode, 0);
  EXPECT_EQ(run({"record", "get", "prices"}).out, text + "\n");
}

// The refusal once named a function of the library.
TEST_P(HashCommands, RecordCommandsSayHowAHashIsRemoved) {
  run({"put", "users", "a", "1"});
  for (const Words& words : {Words{"record", "put", "users", "1"}, {"record", "del", "users"}}) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 2) << words[1];
    EXPECT_EQ(outcome.err, "hexpage: users is a hash; remove it with: hexpage drop users\n");
  }
  EXPECT_EQ(run({"get", "users", "a"}).out, "1\n");
  const Outcome inside = run({"record", "put", "users/data/0", "1"});
  EXPECT_EQ(inside.exitCode, 2);
  EXPECT_THAT(inside.err, HasSubstr("inside the pages"));
}

TEST_P(HashCommands, ADifferentStoredPathIsNoted) {
  const std::string note = "note: stored as \"myhash\"\n";
  EXPECT_EQ(run({"put", "my hash", "k", "1"}).err, note);
  EXPECT_EQ(run({"create", "MyHash"}).err, note);
  EXPECT_THAT(run({"import", "My Hash", "-"}, "{\"key\":\"k\",\"value\":1}\n").err,
              testing::EndsWith("\n" + note));
  EXPECT_EQ(run({"copy", "myhash", "other one"}).err, "note: stored as \"otherone\"\n");
  EXPECT_EQ(run({"rename", "otherone", "My Hash"}).err, note);
  EXPECT_EQ(run({"put", "/myhash/", "k", "1"}).err, "");
  EXPECT_EQ(run({"get", "my hash", "k"}).err, "");
}

}  // namespace
}  // namespace hexpage::cli_test
