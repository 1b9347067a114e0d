// The pipe protocol: transcripts, codes, hostile lines and how it ends.
#include <algorithm>
#include <fstream>
#include <hexpage/types.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class PipeTest : public ProgramTest {
 protected:
  // The answers to the lines, without READY.
  std::vector<std::string> answers(const std::vector<std::string>& lines) {
    std::string input;
    for (const std::string& line : lines) input += line + "\n";
    const Outcome outcome = run({"pipe"}, input);
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    EXPECT_TRUE(std::all_of(outcome.out.begin(), outcome.out.end(),
                            [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }))
        << "not ASCII: " << outcome.out.substr(0, 1000);
    std::istringstream in(outcome.out);
    std::vector<std::string> got;
    for (std::string line; std::getline(in, line);) got.push_back(line);
    EXPECT_EQ(got.size(), lines.size() + 1);
    EXPECT_THAT(got.at(0), StartsWith("READY 1 "));
    got.erase(got.begin());
    return got;
  }

  std::string answer(const std::string& line) { return answers({line}).at(0); }

  // The answer's first two words, of a line that must be refused.
  std::string refusal(const std::string& line) {
    const std::string text = answer(line);
    return text.substr(0, text.find(' ', 4));
  }
};

class PipeProtocol : public OnEachBackend<PipeTest> {};

class PipeOverPageFiles : public PipeTest {};

INSTANTIATE_TEST_SUITE_P(Over, PipeProtocol, eachBackend(), nameOfBackend);

TEST_P(PipeProtocol, Transcript) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const Pairs transcript = {
      {R"(PUT "users" "ann" {"age":41,"n":1.10})", "OK 1"},
      {R"(PUT "users" "ann" {"age":42,"n":1.10})", "OK 1"},
      {R"(GET "users" "ann")", R"(OK {"age":42,"n":1.10})"},
      {R"(PUT "users" "\u00e9\ud83d\ude42" "ü")", "OK 1"},
      {R"(GET "users" "é🙂")", R"(OK "\u00fc")"},
      {R"(GET "users" "bob")", "NIL"},
      {R"(GET "nobody" "bob")", "NIL"},
      {R"(LEN "users")", "OK 2"},
      {R"(LEN "nobody")", "OK 0"},
      {R"(SCAN "nobody")", "OK {}"},
      {R"(DEL "users" "ann")", "OK 1"},
      {R"(DEL "users" "ann")", "OK 0"},
      {R"(DEL "nobody" "ann")", "OK 0"},
      {R"(SCAN "users")", R"(OK {"\u00e9\ud83d\ude42":"\u00fc"})"},
      {R"(PUTMULTI "m" {"a":1.10,"b": [1, 2] ,"c":{"d":null}})", "OK 3"},
      {R"(GET "m" "b")", "OK [1,2]"},
      {R"(PUTMULTI "e" {})", "OK 0"},
      {R"(HASHES)", R"(OK ["e","m","users"])"},
      {R"(PUTRAW "m" "raw" eyJhIjoxLjEwfQ==)", "OK 1"},
      {R"(GET "m" "raw")", R"(OK {"a":1.10})"},
      {R"(DROP "m")", "OK 4"},
      {R"(DROP "m")", "OK 0"},
      {R"(SYNC)", "OK"},
      {R"(CHECK)", "OK"},
      {R"(QUIT)", "OK"},
  };
  std::vector<std::string> lines, expected;
  for (const auto& [line, reply] : transcript) {
    lines.push_back(line);
    expected.push_back(reply);
  }
  EXPECT_EQ(answers(lines), expected);
}

// What docs/cli.md shows is what happens, to the letter.
TEST_P(PipeProtocol, CountersArraysAndMatches) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const Pairs transcript = {
      {R"(INCR "calls" "ann")", "OK 1"},
      {R"(INCR "calls" "ann" 9223372036854775806)", "OK 9223372036854775807"},
      {R"(INCR "calls" "ann")",
       "ERR BADREQ calls: ann: the result does not fit: 9223372036854775807 + 1"},
      {R"(DECR "calls" "bob" 2.5 "a.b")", "OK -2.5"},
      {R"(GET "calls" "bob")", R"(OK {"a":{"b":-2.5}})"},
      {R"(GETMEMBER "calls" "bob" "a.b")", "OK -2.5"},
      {R"(GETMEMBER "calls" "bob" "a.c")", "NIL"},
      {R"(PUSH "calls" "bob" "tags" "é")", "OK 1"},
      {R"(PUSH "calls" "bob" "tags" {"x":1})", "OK 2"},
      {R"(SIZE "calls" "bob" "tags")", "OK 2"},
      {R"(SIZE "calls" "eve" "")", "OK 0"},
      {R"(GETMEMBER "calls" "bob" "tags[0]")", R"(OK "\u00e9")"},
      {R"(COUNT "calls" {})", "OK 2"},
      {R"(COUNT "calls" {"by":"prefix","pattern":"a"})", "OK 1"},
      {R"(MATCH "calls" {"member":"tags[0]","by":"regex","pattern":"^.$"})",
       R"(OK {"bob":{"a":{"b":-2.5},"tags":["\u00e9",{"x":1}]}})"},
      {R"(DELMATCH "calls" {"by":"equals","pattern":"bob"})", "OK 1"},
      {R"(MATCH "calls" {"by":"equals","pattern":"bob"})", "OK {}"},
      {R"(NEXT "calls" "" 5)", R"(OK {"items":{"ann":9223372036854775807},"position":"[]"})"},
      {R"(NEXT "calls" "[]" 5)", R"(OK {"items":{},"position":"[]"})"},
  };
  std::vector<std::string> lines;
  for (const auto& [line, expected] : transcript) lines.push_back(line);
  const auto got = answers(lines);
  for (std::size_t i = 0; i < transcript.size(); ++i)
    EXPECT_EQ(got[i], transcript[i].second) << transcript[i].first;
}

// PUSH parsed its element and wrote it anew: 1.10 became 1.1, and 1e400, which any other word
// takes, was refused as a bad name.
TEST_P(PipeProtocol, PushKeepsAnElementAsItIsSpelled) {
  const auto got = answers({R"(PUSH "h" "a" "" 1.0)", R"(PUSH "h" "a" "" 1e2)",
                            R"(PUSH "h" "a" "" {"b": 1.10, "a": [-0, 1e400]})",
                            R"(PUSH "h" "a" "" "\u0041\/")", R"(GET "h" "a")"});
  EXPECT_EQ(got.at(2), "OK 3");
  EXPECT_EQ(got.at(4), R"(OK [1.0,1e2,{"b":1.10,"a":[-0,1e400]},"\u0041\/"])");
}

TEST_P(PipeProtocol, PushRefusesWhatPutRefuses) {
  const std::string deep = std::string(kMaxDepth + 1, '[') + std::string(kMaxDepth + 1, ']');
  for (const char* bad : {"1,2", "1 2", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "x", "]"})
    EXPECT_EQ(refusal(std::string(R"(PUSH "h" "a" "" )") + bad), "ERR BADJSON") << bad;
  EXPECT_EQ(refusal(R"(PUSH "h" "a" "" )" + deep), "ERR LIMIT");
  EXPECT_EQ(answer(R"(GET "h" "a")"), "NIL");
}

// What docs/cli.md says of a hash with options: in the pipe there was no way to make one.
TEST_P(PipeProtocol, MakesAHashWithItsOptions) {
  const auto got = answers({R"(CREATE "calls" {"page_size":7,"initval":10})", R"(INCR "calls" "a")",
                            R"(CREATE "calls" {"initval":5})", R"(CREATE "plain")",
                            R"(CLEAR "calls")", R"(INCR "calls" "a")", R"(CLEAR "none")"});
  EXPECT_EQ(got.at(0), R"(OK {"page_size":7,"initval":10})");
  EXPECT_EQ(got.at(1), "OK 11");
  EXPECT_EQ(got.at(2), R"(OK {"page_size":7,"initval":10})");
  EXPECT_EQ(got.at(3), R"(OK {"page_size":50})");
  EXPECT_EQ(got.at(4), "OK 1");
  EXPECT_EQ(got.at(5), "OK 11");
  EXPECT_EQ(got.at(6), "OK 0");
  for (const char* line : {R"(CREATE "h" [])", R"(CREATE "h" {"autoexpire":"x"})", R"(CREATE "h" )",
                           R"(CREATE "h" {"page_size":0})", "CREATE"})
    EXPECT_EQ(refusal(line), "ERR BADREQ") << line;
  EXPECT_EQ(refusal(R"(CREATE "h" {)"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(CREATE "../h" {})"), "ERR BADNAME");
}

TEST_P(PipeProtocol, CountersMayExpire) {
  const auto got = answers({R"(INCRTTL "calls" "a" 60000)", R"(INCRTTL "calls" "a" 60000 5)",
                            R"(DECRTTL "calls" "a" 60000)", R"(INCRTTL "calls" "b" 90000 2 "n")",
                            R"(GET "calls" "b")", R"(TTL "calls" "a")", R"(TTL "calls" "b")"});
  EXPECT_EQ(got.at(0), "OK 1");
  EXPECT_EQ(got.at(1), "OK 6");
  EXPECT_EQ(got.at(2), "OK 5");
  EXPECT_EQ(got.at(4), R"(OK {"n":2})");
  EXPECT_LE(std::stoi(got.at(5).substr(3)), 60000);
  EXPECT_GT(std::stoi(got.at(6).substr(3)), 60000);
  for (const char* line : {R"(INCRTTL "calls" "a")", R"(INCRTTL "calls" "a" 0)",
                           R"(INCRTTL "calls" "a" -1 5)", R"(INCRTTL "calls" "a" 1.5)"})
    EXPECT_EQ(refusal(line), "ERR BADREQ") << line;
}

TEST_P(PipeProtocol, LocksItemsFromLineToLine) {
  const auto got = answers({R"(LOCK "t" "k")", R"(LOCK "T" "k" 100)", R"(UNLOCK "t" "k")",
                            R"(BEGIN "t")", R"(PUT "t" "k" 1)", "COMMIT", R"(UNLOCK "t" "k")",
                            R"(UNLOCK "t" "k")", R"(LOCK "t" "k" 1)", R"(GET "t" "k")"});
  EXPECT_EQ(got.at(0), "OK 1");
  EXPECT_EQ(got.at(1), "OK 2");
  EXPECT_EQ(got.at(2), "OK 1");
  EXPECT_EQ(got.at(5), "OK");
  EXPECT_EQ(got.at(6), "OK 0");
  EXPECT_EQ(got.at(7), "ERR BADREQ the lock of k in t is not held here");
  EXPECT_EQ(got.at(8), "OK 1");
  EXPECT_EQ(got.at(9), "OK 1");
  for (const char* line :
       {R"(UNLOCK "t" "other")", R"(LOCK "t")", R"(LOCK "t" "k" 0)", R"(LOCK "t" "k" 1 2)"})
    EXPECT_EQ(refusal(line), "ERR BADREQ") << line;
  EXPECT_EQ(refusal(R"(LOCK "../t" "k")"), "ERR BADNAME");
  EXPECT_EQ(refusal(R"(LOCK "t" "")"), "ERR BADNAME");
}

TEST_P(PipeProtocol, NextGoesOnFromAPosition) {
  const auto first = answers({R"(PUTMULTI "h" {"a":1,"b":2,"c":3})", R"(NEXT "h" "" 2)"}).at(1);
  const json page = json::parse(first.substr(3));
  EXPECT_EQ(page["items"].size(), 2u);
  const json rest =
      json::parse(answer("NEXT \"h\" " + json(page["position"]).dump() + " 2").substr(3));
  EXPECT_EQ(rest["items"].size(), 1u);
  EXPECT_FALSE(page["items"].contains(rest["items"].begin().key()));
}

TEST_P(PipeProtocol, TableWordsRefuseWhatMakesNoSense) {
  answers({R"(PUT "h" "text" "5")"});
  for (const char* line :
       {R"(INCR "h" "text")", R"(INCR "h" "n" "1")", R"(INCR "h" "n" 1 "a" )", R"(INCR "h" "n" )",
        R"(PUSH "h" "text" "" 1)", R"(SIZE "h" "text" "")", R"(COUNT "h" [])",
        R"(COUNT "h" {"by":"like"})", R"(MATCH "h" {"by":"regex","pattern":"["})",
        R"(NEXT "h" "x" 1)", R"(NEXT "h" "" 0)", R"(NEXT "h" "" 99999)", R"(NEXT "h" "")"})
    EXPECT_EQ(refusal(line), "ERR BADREQ") << line;
  EXPECT_EQ(refusal(R"(INCR "h" "n" x)"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(INCR "../h" "n")"), "ERR BADNAME");
  EXPECT_EQ(refusal(R"(COUNT "../h" {})"), "ERR BADNAME");
  EXPECT_EQ(refusal(R"(INCR "h" "")"), "ERR BADNAME");
}

// Its items are in the order of their pages.
TEST_F(PipeOverPageFiles, TheDocumentsTranscriptIsTrue) {
  std::ifstream page(std::string(HEXPAGE_SOURCE_DIR) + "/docs/cli.md");
  std::string line;
  while (std::getline(page, line) && line != "$ hexpage --data piped pipe") {
  }
  std::string ready, input, expected;
  std::getline(page, ready);
  expected = ready + "\n";
  for (std::string reply; std::getline(page, line) && line != "```" && std::getline(page, reply);) {
    input += line + "\n";
    expected += reply + "\n";
  }
  ASSERT_THAT(input, HasSubstr("QUIT\n"));
  EXPECT_EQ(run({"--data", "piped", "pipe"}, input).out, expected);
}

// The first word of each piece of code in the tables of commands.
TEST_P(PipeProtocol, TheHelpNamesEveryCommand) {
  std::ifstream page(std::string(HEXPAGE_SOURCE_DIR) + "/docs/cli.md");
  std::string line;
  while (std::getline(page, line) && line != "| command | answer |") {
  }
  const std::string help = run({"pipe", "--help"}).out;
  std::size_t commands = 0;
  const std::regex command("`([A-Z]+)[ `]");
  while (std::getline(page, line) && line.starts_with("|")) {
    const std::string cell = line.substr(0, line.find(" | "));
    for (std::sregex_iterator each(cell.begin(), cell.end(), command), end; each != end; ++each) {
      if ((*each)[1] == "NIL") continue;  // an argument
      ++commands;
      EXPECT_THAT(help, testing::ContainsRegex("[ \n]" + (*each)[1].str() + "[ \n]"));
    }
  }
  EXPECT_GT(commands, 25u);
}

TEST_P(PipeProtocol, WhatWasPutIsThereForTheNextProcess) {
  answer(R"(PUT "users" "ann" 1)");
  EXPECT_EQ(answer(R"(GET "users" "ann")"), "OK 1");
}

TEST_P(PipeProtocol, MalformedLinesAreBadRequests) {
  for (const char* line : {"",
                           " ",
                           "put \"h\" \"k\" 1",
                           "PUT",
                           "PUT ",
                           "PUT \"h\"",
                           "PUT \"h\" \"k\"",
                           "PUT \"h\" \"k\" ",
                           "PUT  \"h\" \"k\" 1",
                           "PUT \"h\"  \"k\" 1",
                           "PUT \"h\" \"k\"  1",
                           "PUT h k 1",
                           "PUT \"h\"\"k\" 1",
                           "PUT \"h 1",
                           "PUT 1 2 3",
                           "GET \"h\" \"k\" 1",
                           "GET \"h\" \"k\" ",
                           "QUIT now",
                           "HASHES x",
                           "\x01\x02",
                           "PUTRAW \"h\" \"k\" ****",
                           "PUTRAW \"h\" \"k\" MR=="})
    EXPECT_EQ(refusal(line), "ERR BADREQ") << line;
  EXPECT_EQ(refusal(std::string("PUT\0 \"h\" \"k\" 1", 14)), "ERR BADREQ");
}

TEST_P(PipeProtocol, InvalidJsonIsSaidSo) {
  for (const char* value : {"{bad", "1 2", "01", "NaN", "{\"a\":1,\"a\":2}",
                            "{\"a\":1,\"\\u0061\":2}", "\"\\ud800\"", "\"\xff\"", "\"\t\"",
                            "\xef\xbb\xbf"
                            "1",
                            "[1,]", "tru"})
    EXPECT_EQ(refusal(std::string("PUT \"h\" \"k\" ") + value), "ERR BADJSON") << value;
  EXPECT_EQ(refusal(R"(GET "h" "\q")"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(GET "\ud800" "k")"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(PUTMULTI "h" [1])"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(PUTMULTI "h" {"a":1} x)"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(PUTRAW "h" "k" e2JhZA==)"), "ERR BADJSON");
  EXPECT_EQ(answer("HASHES"), "OK []") << "a refused line must leave nothing";
}

TEST_P(PipeProtocol, LimitsAreLimits) {
  const std::string deep = std::string(513, '[') + std::string(513, ']');
  EXPECT_EQ(refusal("PUT \"h\" \"k\" " + deep), "ERR LIMIT");
  EXPECT_EQ(refusal("PUT \"h\" \"k\" " + std::string(2'000'000, '[')), "ERR LIMIT");
  EXPECT_EQ(refusal("GET \"h\" \"" + std::string(65537, 'k') + "\""), "ERR LIMIT");
  EXPECT_EQ(refusal("PUTMULTI \"h\" {\"a\":1,\"b\":" + deep + "}"), "ERR LIMIT");
  const std::string large((16 << 20) + 1, '1');
  EXPECT_EQ(refusal("PUT \"h\" \"k\" " + large), "ERR LIMIT");
  EXPECT_EQ(answer("HASHES"), "OK []");
}

TEST_P(PipeProtocol, AfterALineThatIsTooLongItGoesOn) {
  const auto got = answers({"PUT \"h\" \"k\" " + std::string((64 << 20), '1'), "LEN \"h\""});
  EXPECT_THAT(got[0], StartsWith("ERR LIMIT "));
  EXPECT_EQ(got[1], "OK 0");
}

// A line larger than the memory ended the program without an answer.
TEST_P(PipeProtocol, AfterALineThatMemoryIsTooShortForItGoesOn) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes what is to be scarce";
#endif
  run({"put", "h", "k", "0"});
  const std::string line = "PUT \"h\" \"k\" \"" + std::string(60 << 20, 'x') + "\"\n";
  const Outcome outcome =
      runOther({"bash", "-c", "ulimit -d 100000; exec \"$0\" pipe", HEXPAGE_PROGRAM},
               line + "PUT \"h\" \"a\" 1\nGET \"h\" \"k\"\nQUIT\n");
  std::istringstream answers(outcome.out);
  std::vector<std::string> got;
  for (std::string answer; std::getline(answers, answer);) got.push_back(answer);
  ASSERT_EQ(got.size(), 5u) << outcome.out << outcome.err;
  EXPECT_THAT(got[1], StartsWith("ERR NOMEM "));
  EXPECT_EQ(got[2], "OK 1");
  EXPECT_EQ(got[3], "OK 0");
  EXPECT_EQ(outcome.exitCode, 0);
}

TEST_P(PipeProtocol, BadNamesAreSaidSo) {
  for (const char* path : {"", "/", "../x", "a/../b", ".hexpage/x", "a/.b", "x.txt", "é", "??"})
    EXPECT_EQ(refusal("PUT " + json(path).dump() + " \"k\" 1"), "ERR BADNAME") << path;
  EXPECT_EQ(refusal("PUT \"" + std::string(2000, 'a') + "\" \"k\" 1"), "ERR BADNAME");
  EXPECT_EQ(refusal(R"(PUT "h" "" 1)"), "ERR BADNAME");
  EXPECT_EQ(refusal(R"(PUTMULTI "h" {"a":1,"":2})"), "ERR BADNAME");
  for (const char* command : {"LEN", "SCAN", "DROP"})
    EXPECT_EQ(refusal(std::string(command) + " \"../x\""), "ERR BADNAME") << command;
}

TEST_P(PipeProtocol, PutMultiIsAllOrNothing) {
  EXPECT_EQ(answers({R"(PUTMULTI "h" {"a":1,"b":nul})", R"(LEN "h")"})[1], "OK 0");
}

TEST_P(PipeProtocol, AHashInsideAnotherOnesPagesIsAConflict) {
  const auto got = answers({R"(PUT "h" "k" 1)", R"(PUT "h/data/0" "k" 1)"});
  EXPECT_THAT(got[1], StartsWith("ERR CONFLICT "));
}

TEST_P(PipeProtocol, TransactionsAreSeenWhenTheyAreCommitted) {
  using Answers = std::vector<std::string>;
  EXPECT_EQ(answers({R"(BEGIN "h" "audit")", R"(PUT "h" "a" 1)", R"(PUT "audit" "x" 2)",
                     R"(GET "h" "a")", R"(LEN "h")", "HASHES", "COMMIT"}),
            (Answers{"OK", "OK 1", "OK 1", "OK 1", "OK 1", R"(OK ["audit","h"])", "OK"}));
  EXPECT_EQ(answers({R"(BEGIN "h")", R"(DROP "h")", "ABORT", R"(SCAN "h")"}),
            (Answers{"OK", "OK 1", "OK", R"(OK {"a":1})"}));
  answers({R"(BEGIN "h")", R"(DEL "h" "a")"});  // its input ends
  answers({"BEGIN", R"(DEL "h" "a")", "QUIT"});
  EXPECT_EQ(answer(R"(LEN "h")"), "OK 1");
}

TEST_P(PipeProtocol, TransactionsSayWhatTheyRefuse) {
  const auto got = answers({"COMMIT", "ABORT", R"(BEGIN "h")", R"(BEGIN "h")", R"(PUT "g" "a" 1)",
                            R"(PUT "h" "a" nul)", R"(PUT "h" "a" 1)", "COMMIT", R"(LEN "h")",
                            R"(BEGIN "../x")", "BEGIN ", R"(BEGIN "h" x)", R"(LEN "h")"});
  EXPECT_THAT(got[0], StartsWith("ERR BADREQ "));
  EXPECT_THAT(got[1], StartsWith("ERR BADREQ "));
  EXPECT_EQ(got[2], "OK");
  EXPECT_THAT(got[3], StartsWith("ERR BADREQ "));
  EXPECT_EQ(got[4], "ERR BADNAME g was not named when the transaction began; it has h");
  EXPECT_THAT(got[5], StartsWith("ERR BADJSON "));
  EXPECT_EQ(got[7], "OK");  // it stayed open
  EXPECT_EQ(got[8], "OK 1");
  EXPECT_THAT(got[9], StartsWith("ERR BADNAME "));
  EXPECT_THAT(got[10], StartsWith("ERR BADREQ "));
  EXPECT_THAT(got[11], StartsWith("ERR BADREQ "));
  EXPECT_EQ(got[12], "OK 1");
}

TEST_P(PipeProtocol, WhatIsTooMuchAtOnceIsALimit) {
  const Outcome outcome = run({"--set", "max_batch_bytes=1024", "pipe"},
                              "PUT \"h\" \"a\" \"" + std::string(2000, 'x') + "\"\n");
  EXPECT_THAT(outcome.out, HasSubstr("\nERR LIMIT h: "));
}

TEST_P(PipeProtocol, PutIfComparesWhatIsThere) {
  using Answers = std::vector<std::string>;
  EXPECT_EQ(answers({R"(PUTIF "h" "a" 1 2)", R"(PUTIF "h" "a" NIL {"x":[1, 2],"y":1.10})",
                     R"(PUTIF "h" "a" NIL 3)", R"(PUTIF "h" "a" {"y": 1.1, "x": [1,2]} 1.50)",
                     R"(GET "h" "a")"}),
            (Answers{"OK 0", "OK 1", "OK 0", "OK 1", "OK 1.50"}));
  EXPECT_EQ(refusal(R"(PUTIF "h" "a" 1)"), "ERR BADREQ");
  EXPECT_EQ(refusal(R"(PUTIF "h" "a" x 1)"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(PUTIF "h" "a" 1 x)"), "ERR BADJSON");
  EXPECT_EQ(refusal(R"(PUTIF "h" "a" 1  2)"), "ERR BADREQ");
}

TEST_F(PipeOverPageFiles, DamageIsNamedAndTheRestIsServed) {
  answers({R"(PUT "bad" "k" 1)", R"(PUT "fine" "k" 1)"});
  writeFile("data/bad/data.json", "{\"type\":");
  const auto got = answers({R"(GET "bad" "k")", R"(SCAN "bad")", R"(GET "fine" "k")", "CHECK"});
  EXPECT_THAT(got[0], StartsWith("ERR CORRUPT "));
  EXPECT_THAT(got[0], HasSubstr("bad/data.json"));
  EXPECT_THAT(got[1], StartsWith("ERR CORRUPT "));
  EXPECT_EQ(got[2], "OK 1");
  ASSERT_THAT(got[3], StartsWith("ERR CORRUPT {"));
  EXPECT_EQ(json::parse(got[3].substr(12))["file"], "bad/data.json");
}

TEST_P(PipeProtocol, FilesAreThoseOfTheStore) {
  const std::string text = answers({R"(PUT "users" "k" 1)", "SYNC", "FILES"})[2];
  const json files = json::parse(text.substr(3));
  EXPECT_GT(files.size(), 1u);
  for (const json& file : files)
    EXPECT_TRUE(std::filesystem::exists(directory() / "data" / file.get<std::string>())) << file;
}

TEST_F(PipeOverPageFiles, FilesAreHeadersAndPages) {
  const std::string text = answers({R"(PUT "users" "k" 1)", "SYNC", "FILES"})[2];
  const json files = json::parse(text.substr(3));
  EXPECT_THAT(files, testing::IsSupersetOf({"users.json", "users/data.json"}));
}

TEST_P(PipeProtocol, ALastLineThatBreaksOffIsNotCarriedOut) {
  const Outcome outcome = run({"pipe"}, "PUT \"h\" \"k\" 12");
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_THAT(outcome.out, HasSubstr("\nERR BADREQ "));
  EXPECT_EQ(answer("LEN \"h\""), "OK 0");
}

TEST_P(PipeProtocol, QuitEndsItAndNothingAfterIsDone) {
  const Outcome outcome = run({"pipe"}, "QUIT\nPUT \"h\" \"k\" 1\n");
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_THAT(outcome.out, testing::EndsWith("\nOK\n"));
  EXPECT_EQ(answer("LEN \"h\""), "OK 0");
}

TEST_P(PipeProtocol, ABadConfigIsTheFirstLine) {
  const Outcome unknown = run({"--set", "hash_page_siz=4", "pipe"});
  EXPECT_EQ(unknown.exitCode, 2);
  EXPECT_THAT(unknown.out, StartsWith("ERR BADREQ "));
  EXPECT_EQ(std::count(unknown.out.begin(), unknown.out.end(), '\n'), 1);
  const Outcome locked = run({"--config", "none.json", "pipe"});
  EXPECT_EQ(locked.exitCode, 2);
  EXPECT_THAT(locked.out, StartsWith("ERR BADREQ "));
}

TEST_P(PipeProtocol, AnswersThatCanNotBeWrittenEndIt) {
  const Outcome outcome = runOther(
      {"sh", "-c", std::string("yes 'LEN \"h\"' | ") + HEXPAGE_PROGRAM + " pipe > /dev/full"});
  EXPECT_EQ(outcome.exitCode, 4);
  EXPECT_THAT(outcome.err, HasSubstr("standard output"));
}

// A store that another process has open is told as locked; a signal ends that process at once.
TEST_P(PipeProtocol, OthersWorkBesideAnOpenPipe) {
  const std::string program = HEXPAGE_PROGRAM;
  const Outcome outcome = runOther(
      {"bash", "-c",
       "coproc P { exec " + program + " pipe; }; read -r ready <&${P[0]}; echo $ready; " + program +
           R"( put users ann 1; echo 'GET "users" "ann"' >&${P[1]}; read -r got <&${P[0]}; )" +
           R"(echo "$got"; echo 'PUT "users" "ben" 2' >&${P[1]}; read -r put <&${P[0]}; )" +
           program + " get users ben"});
  EXPECT_THAT(outcome.out, StartsWith("READY 1 "));
  EXPECT_THAT(outcome.out, HasSubstr("\nOK 1\n2\n"));
}

TEST_P(PipeProtocol, ALockedItemKeepsOtherPipesWaitingUntilItsEnd) {
  const std::string program = HEXPAGE_PROGRAM;
  const std::string other =
      "printf '%s\\n' 'LOCK \"t\" \"k\" 1' 'UNLOCK \"t\" \"k\"' 'LOCK \"t\" \"j\" 1' | " + program +
      " pipe | tail -n 3; ";
  const Outcome outcome =
      runOther({"bash", "-c",
                "coproc P { exec " + program + " pipe; }; read -r ready <&${P[0]}; " +
                    R"(echo 'LOCK "t" "k"' >&${P[1]}; read -r got <&${P[0]}; echo "$got"; )" +
                    other + R"(echo QUIT >&${P[1]}; wait; )" + other});
  EXPECT_THAT(outcome.out, testing::MatchesRegex("OK 1\nERR LOCKED .*\nERR BADREQ .*\nOK 1\n"
                                                 "OK 1\nOK 0\nOK 1\n"))
      << outcome.err;
}

// Whatever a command lacks files for has no effect, and the pipe goes on.
TEST_P(PipeProtocol, WithTooFewFilesNothingIsDoneAndTheAnswerSaysSo) {
  std::string stored = "0";
  run({"put", "users", "ann", stored});
  for (int files = 6; files < 14; ++files) {
    const std::string next = std::to_string(files);
    const Outcome outcome =
        runOther({"bash", "-c", "ulimit -n " + next + "; exec \"$0\" pipe", HEXPAGE_PROGRAM},
                 "PUT \"users\" \"ann\" " + next + "\nPUT \"new" + next + "\" \"a\" 1\nQUIT\n");
    std::istringstream answers(outcome.out);
    std::string ready, put, made;
    std::getline(answers, ready);
    std::getline(answers, put);
    std::getline(answers, made);
    for (const std::string& answer : {ready, put, made}) {
      const bool isRefused = answer.starts_with("ERR");
      EXPECT_TRUE(!isRefused || answer.starts_with("ERR EMFILE ")) << answer;
    }
    if (put == "OK 1") stored = next;
    EXPECT_EQ(run({"get", "users", "ann"}).out, stored + "\n") << files;
    EXPECT_EQ(run({"info", "new" + next}).exitCode, made == "OK 1" ? 0 : 1) << files;
  }
  EXPECT_EQ(run({"verify"}).exitCode, 0);
}

}  // namespace
}  // namespace hexpage::cli_test
