// table: the administrative calls of Kamailio's htable, on the command line and in the pipe.
#include <nlohmann/json.hpp>
#include <set>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class HtableCalls : public ProgramTest {
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

TEST_F(HtableCalls, GetTellsAnItemAndItsKind) {
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

TEST_F(HtableCalls, WhatIsSetForATimeTellsIt) {
  out({"table", "setxs", "g", "s", "v", "1000"});
  out({"table", "setxi", "g", "i", "7", "1000"});
  for (const char* key : {"s", "i"}) {
    const json item = json::parse(out({"table", "get", "g", key}))["item"];
    EXPECT_THAT(item["expire"].get<std::string>(), testing::MatchesRegex("20..-..-.. ..:..:.."));
  }
  out({"table", "setex", "g", "s", "0"});
  EXPECT_EQ(json::parse(out({"table", "get", "g", "s"}))["item"]["expire"], "NEVER");
}

TEST_F(HtableCalls, NumbersThatAreNoneAreRefused) {
  for (const Words& words :
       {Words{"table", "seti", "g", "k", "abc"}, Words{"table", "seti", "g", "k", "1.5"},
        Words{"table", "seti", "g", "k", "9223372036854775808"},
        Words{"table", "setxs", "g", "k", "v", "soon"},
        Words{"table", "setxi", "g", "k", "5", "99999999999999"}}) {
    EXPECT_EQ(run(words).exitCode, 2);
    EXPECT_EQ(run({"get", "g", "k"}).exitCode, 1);
  }
}

TEST_F(HtableCalls, WhatIsNotThereIsTold) {
  for (const Words& words :
       {Words{"table", "get", "zz", "x"}, Words{"table", "get", "g", "missing"},
        Words{"table", "sets", "zz", "x", "1"}, Words{"table", "delete", "g", "missing"},
        Words{"table", "setex", "g", "missing", "30"}, Words{"table", "dump", "zz"},
        Words{"table", "flush", "zz"}, Words{"table", "stats", "zz"}})
    EXPECT_EQ(run(words).exitCode, 1) << words[1];
  EXPECT_EQ(run({"table", "store", "g"}).exitCode, 2);
  EXPECT_THAT(run({"table", "store", "g"}).err, HasSubstr("\"databases\""));
}

TEST_F(HtableCalls, ListAndStatsTellOfTheTables) {
  out({"table", "sets", "g", "x", "abc"});
  EXPECT_EQ(out({"table", "listTables"}),
            R"({"name":"g","dbtable":"","expire":100,"updateexpire":1,"length":1})"
            "\n");
  EXPECT_EQ(out({"table", "stats", "g"}), R"({"name":"g","slots":1,"all":1,"min":1,"max":1})"
                                          "\n");
}

TEST_F(HtableCalls, DumpPrintsEveryItemWithItsKind) {
  out({"put", "g", "j", "[1]"});
  EXPECT_EQ(out({"table", "dump", "g"}), R"({"name":"j","value":[1],"type":"json"})"
                                         "\n");
  out({"table", "seti", "g", "j", "5"});
  EXPECT_EQ(out({"table", "dump", "g"}), R"({"name":"j","value":5,"type":"int"})"
                                         "\n");
  out({"table", "flush", "g"});
  EXPECT_EQ(out({"table", "dump", "g"}), "");
}

TEST_F(HtableCalls, ReloadAndStoreUseTheDatabaseOfTheConfig) {
  writeFile("kept.json",
            R"({"databases":{"g":{"url":"sqlite:///g.db","table":"kept","layout":"kamailio"}}})");
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

TEST_F(HtableCalls, ThePipeHasThemToo) {
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

TEST_F(HtableCalls, ThePipeDumpsSomeAtATime) {
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

TEST_F(HtableCalls, ThePipeRefusesWhatMakesNoSense) {
  EXPECT_THAT(answer(R"(TABLE get "zz" "x")"), StartsWith("ERR NOKEY"));
  EXPECT_THAT(answer(R"(TABLE delete "g" "x")"), StartsWith("ERR NOKEY"));
  EXPECT_THAT(answer(R"(TABLE seti "g" "x" "abc")"), StartsWith("ERR BADREQ"));
  EXPECT_THAT(answer(R"(TABLE get "g")"), StartsWith("ERR BADREQ"));
  EXPECT_THAT(answer(R"(TABLE frob "g")"), HasSubstr("known: listTables"));
  EXPECT_THAT(answer("TABLE"), StartsWith("ERR BADREQ"));
}

}  // namespace
}  // namespace hexpage::cli_test
