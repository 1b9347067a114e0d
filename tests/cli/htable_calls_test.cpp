// table: the administrative calls of Kamailio's htable, on the command line and in the pipe.
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "src/cli/pipe.hpp"
#include "tests/cli/program_runner.hpp"
#include "tests/support/htable_cases.hpp"

namespace hexpage::cli_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HtableCalls : public OnEachBackend<ProgramTest> {
 protected:
  HtableCalls() { run({"create", "g", R"({"autoexpire":100})"}); }

  std::string out(const Words& words) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    return outcome.out;
  }
  std::string answer(const std::string& line) {
    const std::string all = run({"pipe"}, line + "\n").out;
    const std::size_t begin = all.find('\n') + 1;
    return all.substr(begin, all.find('\n', begin) - begin);
  }
};

INSTANTIATE_TEST_SUITE_P(Over, HtableCalls, eachBackend(), nameOfBackend);

TEST_P(HtableCalls, GetTellsAnItemAndItsKind) {
  out({"table", "sets", "g", "x", "abc"});
  out({"table", "seti", "g", "n", "-9223372036854775808"});
  out({"table", "setex", "g", "x", "0"});
  out({"table", "setex", "g", "n", "-5"});
  EXPECT_EQ(out({"table", "get", "g", "x"}),
            R"({"item":{"name":"x","value":"abc","flags":2,"expire":"NEVER"}})"
            "\n");
  EXPECT_EQ(out({"table", "get", "g", "n"}),
            R"({"item":{"name":"n","value":-9223372036854775808,"flags":0,"expire":"NEVER"}})"
            "\n");
}

TEST_P(HtableCalls, WhatIsSetForATimeTellsIt) {
  out({"table", "setxs", "g", "s", "v", "1000"});
  out({"table", "setxi", "g", "i", "7", "1000"});
  for (const char* key : {"s", "i"}) {
    const json item = json::parse(out({"table", "get", "g", key}))["item"];
    EXPECT_THAT(item["expire"].get<std::string>(), ::testing::MatchesRegex("20..-..-.. ..:..:.."));
  }
  out({"table", "setex", "g", "s", "0"});
  EXPECT_EQ(json::parse(out({"table", "get", "g", "s"}))["item"]["expire"], "NEVER");
}

TEST_P(HtableCalls, NumbersThatAreNoneAreRefused) {
  for (const Words& words :
       {Words{"table", "seti", "g", "k", "abc"}, Words{"table", "seti", "g", "k", "1.5"},
        Words{"table", "seti", "g", "k", "9223372036854775808"},
        Words{"table", "setxs", "g", "k", "v", "soon"},
        Words{"table", "setxi", "g", "k", "5", "99999999999999"}}) {
    EXPECT_EQ(run(words).exitCode, 2);
    EXPECT_EQ(run({"get", "g", "k"}).exitCode, 1);
  }
}

TEST_P(HtableCalls, WhatIsNotThereIsTold) {
  for (const Words& words :
       {Words{"table", "get", "zz", "x"}, Words{"table", "get", "g", "missing"},
        Words{"table", "sets", "zz", "x", "1"}, Words{"table", "delete", "g", "missing"},
        Words{"table", "setex", "g", "missing", "30"}, Words{"table", "dump", "zz"},
        Words{"table", "flush", "zz"}, Words{"table", "stats", "zz"}})
    EXPECT_EQ(run(words).exitCode, 1) << words[1];
  EXPECT_EQ(run({"table", "store", "g"}).exitCode, 2);
  EXPECT_THAT(run({"table", "store", "g"}).err, HasSubstr("\"databases\""));
}

TEST_P(HtableCalls, ListAndStatsTellOfTheTables) {
  out({"table", "sets", "g", "x", "abc"});
  EXPECT_EQ(out({"table", "listTables"}),
            R"({"name":"g","dbtable":"","expire":100,"updateexpire":1,"length":1})"
            "\n");
  EXPECT_EQ(out({"table", "stats", "g"}), R"({"name":"g","slots":1,"all":1,"min":1,"max":1})"
                                          "\n");
}

TEST_P(HtableCalls, DumpPrintsEveryItemWithItsKind) {
  out({"put", "g", "j", "[1]"});
  EXPECT_EQ(out({"table", "dump", "g"}), R"({"name":"j","value":[1],"type":"json"})"
                                         "\n");
  out({"table", "seti", "g", "j", "5"});
  EXPECT_EQ(out({"table", "dump", "g"}), R"({"name":"j","value":5,"type":"int"})"
                                         "\n");
  out({"table", "flush", "g"});
  EXPECT_EQ(out({"table", "dump", "g"}), "");
}

TEST_P(HtableCalls, ReloadAndStoreUseTheDatabaseOfTheConfig) {
  json kept = json::parse(config());
  kept["databases"]["g"] = {{"url", "sqlite:///g.db"}, {"table", "kept"}, {"layout", "kamailio"}};
  writeFile("kept.json", kept.dump());
  out({"table", "sets", "g", "x", "abc"});
  EXPECT_THAT(run({"--config", "kept.json", "table", "store", "g"}).err,
              HasSubstr("stored 1 item"));
  out({"table", "sets", "g", "y", "only here"});
  EXPECT_THAT(run({"--config", "kept.json", "table", "reload", "g"}).err,
              HasSubstr("reloaded 1 item"));
  EXPECT_EQ(out({"keys", "g"}), "x\n");
  EXPECT_EQ(json::parse(run({"--config", "kept.json", "table", "listTables"}).out)["dbtable"],
            "kept");
}

TEST_P(HtableCalls, ThePipeHasThemToo) {
  EXPECT_EQ(answer(R"(TABLE sets "g" "x" "a b")"), "OK");
  EXPECT_EQ(answer(R"(TABLE seti "g" "n" "12")"), "OK");
  EXPECT_EQ(answer(R"(TABLE setex "g" "x" "0")"), "OK");
  EXPECT_EQ(answer(R"(TABLE get "g" "x")"),
            R"(OK {"item":{"name":"x","value":"a b","flags":2,"expire":"NEVER"}})");
  EXPECT_EQ(answer(R"(TABLE setxi "g" "i" "1" "60")"), "OK");
  EXPECT_EQ(answer(R"(TABLE setxs "g" "s" "1" "60")"), "OK");
  EXPECT_EQ(answer(R"(TABLE stats "g")"), R"(OK {"name":"g","slots":1,"all":4,"min":4,"max":4})");
  EXPECT_EQ(answer(R"(TABLE listTables)"),
            R"(OK [{"name":"g","dbtable":"","expire":100,"updateexpire":1,"length":4}])");
  EXPECT_EQ(answer(R"(TABLE delete "g" "i")"), "OK");
  EXPECT_EQ(answer(R"(TABLE flush "g")"), "OK");
  EXPECT_EQ(answer(R"(LEN "g")"), "OK 0");
}

TEST_P(HtableCalls, ThePipeDumpsSomeAtATime) {
  run({"pipe"}, R"(PUTMULTI "g" {"a":1,"b":"2","c":[3]})"
                "\n");
  std::string position;
  std::set<std::string> names;
  for (std::size_t left = 3, got = 2; got == 2; left -= got) {
    const std::string text = answer("TABLE dump \"g\" " + json(position).dump() + " 2").substr(3);
    const json chunk = json::parse(text);
    got = chunk["items"].size();
    for (const json& item : chunk["items"]) names.insert(item["name"]);
    position = chunk["position"];
  }
  EXPECT_EQ(names, (std::set<std::string>{"a", "b", "c"}));
}

TEST_P(HtableCalls, ThePipeRefusesWhatMakesNoSense) {
  EXPECT_THAT(answer(R"(TABLE get "zz" "x")"), StartsWith("ERR NOKEY"));
  EXPECT_THAT(answer(R"(TABLE delete "g" "x")"), StartsWith("ERR NOKEY"));
  EXPECT_THAT(answer(R"(TABLE seti "g" "x" "abc")"), StartsWith("ERR BADREQ"));
  EXPECT_THAT(answer(R"(TABLE get "g")"), StartsWith("ERR BADREQ"));
  EXPECT_THAT(answer(R"(TABLE frob "g")"), HasSubstr("known: listTables"));
  EXPECT_THAT(answer("TABLE"), StartsWith("ERR BADREQ"));
}

// --- the reference's remote calls observed: the same, or deliberately not ---

using hexpage::testing::HtableCase;

// The answer to the last of the lines, in a store that has the tables of the observations. A time
// is TIME, and of an error its code is enough.
HtableCase call(const char* number, const char* expected, std::vector<std::string> lines,
                bool isDifference = false) {
  const auto doing = [lines = std::move(lines)](Storage& s) {
    s.hashCreate("g");
    s.hashCreate("ge", {{"autoexpire", 100}});
    s.hashCreate("gi", {{"initval", 7}});
    cli::Pipe pipe(s, Json::object());
    std::string answer;
    for (const std::string& line : lines) answer = pipe.answer("TABLE " + line);
    if (answer.starts_with("ERR")) return answer.substr(0, answer.find(' ', 4));
    return std::regex_replace(answer, std::regex("20..-..-.. ..:..:.."), "TIME");
  };
  return {number, expected, doing, isDifference};
}

std::vector<HtableCase> remoteCalls() {
  const bool differs = true;
  const std::string x = R"(sets "g" "x" "abc")", k = R"(seti "ge" "k" "1")",
                    num = R"(sets "g" "num" "15")";
  const char* const never = R"(OK {"item":{"name":"k","value":1,"flags":0,"expire":"NEVER"}})";
  const char* const numText =
      R"(OK {"item":{"name":"num","value":"15","flags":2,"expire":"NEVER"}})";
  return {
      call("G01",
           R"(OK [{"name":"g","dbtable":"","expire":0,"updateexpire":1,"length":0},)"
           R"({"name":"ge","dbtable":"","expire":100,"updateexpire":1,"length":0},)"
           R"({"name":"gi","dbtable":"","expire":0,"updateexpire":1,"length":0}])",
           {"listTables"}, differs),
      call("G02", R"(OK {"name":"g","slots":1,"all":1,"min":1,"max":1})", {x, R"(stats "g")"},
           differs),
      call("G04", "ERR NOKEY", {R"(dump "zz" "" 1)"}, differs),
      call("G05", "ERR BADREQ", {"dump"}, differs),
      call("G07", R"(OK {"item":{"name":"x","value":"abc","flags":2,"expire":"NEVER"}})",
           {x, R"(get "g" "x")"}),
      call("G08", "OK", {x, R"(seti "g" "x" "5")"}),
      call("G10", "ERR BADREQ", {x, R"(seti "g" "x" "abc")"}, differs),
      call("G11", R"(OK {"item":{"name":"x","value":12,"flags":0,"expire":"NEVER"}})",
           {R"(seti "g" "x" "12")", R"(get "g" "x")"}, differs),
      call("G13", "ERR BADREQ", {R"(sets "g" "num" 15)"}, differs),
      call("G14", numText, {num, R"(get "g" "num")"}),
      call("G16", R"(OK {"item":{"name":"big","value":2147483648,"flags":0,"expire":"NEVER"}})",
           {R"(seti "g" "big" "2147483648")", R"(get "g" "big")"}, differs),
      call("G17", "ERR BADREQ", {R"(sets "g" 15 "intkey")"}),
      call("G19", "ERR NOKEY", {x, R"(get "g" "15")"}, differs),
      call("G20", "ERR NOKEY", {x, R"(get "g" "missing")"}, differs),
      call("G22", "ERR BADREQ", {x, R"(get "g")"}, differs),
      call("G23", "ERR NOKEY", {R"(get "gi" "missing")"}, differs),
      call("G25", "OK", {x, R"(delete "g" "x")"}),
      call("G26", "ERR NOKEY", {R"(delete "zz" "x")"}, differs),
      call("G28", R"(OK {"item":{"name":"k","value":1,"flags":0,"expire":"TIME"}})",
           {k, R"(get "ge" "k")"}),
      call("G29", "OK", {k, R"(setex "ge" "k" "30")"}),
      call("G31", "ERR NOKEY", {R"(setex "ge" "missing" "30")"}, differs),
      call("G32", "OK", {k, R"(setex "ge" "k" "0")"}),
      call("G34", "OK", {k, R"(setex "ge" "k" "-5")"}),
      call("G35", never, {k, R"(setex "ge" "k" "-5")", R"(get "ge" "k")"}),
      call("G37", R"(OK {"item":{"name":"num","value":"15","flags":2,"expire":"TIME"}})",
           {num, R"(setex "g" "num" "30")", R"(get "g" "num")"}, differs),
      call("G38", "OK", {R"(setxs "ge" "sx" "v" "20")"}),
      call("G40", "OK", {R"(setxi "ge" "ix" "9" "20")"}),
      call("G41", R"(OK {"item":{"name":"ix","value":9,"flags":0,"expire":"TIME"}})",
           {R"(setxi "ge" "ix" "9" "20")", R"(get "ge" "ix")"}),
      call("G43", R"(OK {"item":{"name":"sx","value":"v","flags":2,"expire":"TIME"}})",
           {R"(setxs "g" "sx" "v" "20")", R"(get "g" "sx")"}, differs),
      call("G44",
           R"(OK {"item":{"name":"u","value":"h\u00e9 \"quoted\" \\ tab\t","flags":2,)"
           R"("expire":"NEVER"}})",
           {R"(sets "g" "u" "h\u00e9 \"quoted\" \\ tab\t")", R"(get "g" "u")"}),
      call("G46", "OK", {R"(sets "g" "empty" "")"}),
      call("G47", R"(OK {"item":{"name":"empty","value":"","flags":2,"expire":"NEVER"}})",
           {R"(sets "g" "empty" "")", R"(get "g" "empty")"}),
      call("G49", R"(OK {"items":[{"name":"k","value":1,"type":"int"}],"position":"[]"})",
           {k, R"(dump "ge" "" 10)"}, differs),
      call("G50", R"(OK {"name":"ge","slots":1,"all":1,"min":1,"max":1})", {k, R"(stats "ge")"},
           differs),
      call("G52", "ERR BADREQ", {R"(store "g")"}, differs),
      call("G53", "ERR NOKEY", {R"(flush "zz")"}, differs),
      call("G55", R"(OK {"items":[],"position":"[]"})", {R"(dump "g" "" 10)"}, differs),
      call("G56", "ERR BADREQ", {R"(dmqsync "g")"}),
      call("G58", "ERR NOKEY", {R"(get "g" "15")"}, differs),
      call("G59", "ERR BADREQ", {R"(get "g" 15)"}),
      call("G61", R"(OK {"item":{"name":"15","value":"kv","flags":2,"expire":"NEVER"}})",
           {R"(sets "g" "15" "kv")", R"(get "g" "15")"}),
      call("G62", R"(OK {"name":"g","slots":1,"all":1,"min":1,"max":1})",
           {R"(sets "g" "15" "kv")", R"(stats "g")"}, differs),
      call("G64",
           R"(OK [{"name":"g","dbtable":"","expire":0,"updateexpire":1,"length":1},)"
           R"({"name":"ge","dbtable":"","expire":100,"updateexpire":1,"length":0},)"
           R"({"name":"gi","dbtable":"","expire":0,"updateexpire":1,"length":0}])",
           {x, "listTables"}, differs),
  };
}

TEST(HtableRemoteCalls, AreTheSameOrDifferDeliberately) {
  hexpage::testing::runAll(remoteCalls(), hexpage::testing::differencesFrom(HEXPAGE_SOURCE_DIR),
                           hexpage::testing::inMemory());
}

TEST(HtableRemoteCalls, EachObservedOneIsDone) {
  std::set<std::string> done;
  for (const HtableCase& one : remoteCalls()) done.insert(one.number());
  for (const std::string& number : hexpage::testing::observedNumbers())
    EXPECT_TRUE(number.front() != 'G' || done.contains(number)) << number;
}

}  // namespace
}  // namespace hexpage::cli_test
