// load, reload, store, with SQLite files. Other databases: tests/src/database_test.cpp.
#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using testing::HasSubstr;

class DatabaseCommands : public OnEachBackend<ProgramTest> {
 protected:
  const std::string url_ = "sqlite:///users.db";  // in the directory that the program runs in
};

INSTANTIATE_TEST_SUITE_P(Over, DatabaseCommands, eachBackend(), nameOfBackend);

TEST_P(DatabaseCommands, WhatWasStoredIsLoaded) {
  run({"put", "users", "ann", R"({"age":41})"});
  run({"put", "users", "bob", "7"});
  const Outcome stored = run({"store", "users", url_});
  EXPECT_EQ(stored.exitCode, 0) << stored.err;
  EXPECT_THAT(stored.err, HasSubstr("stored 2 items"));
  run({"put", "others", "eve", "1"});
  EXPECT_EQ(run({"load", "others", url_, "--table", "users"}).exitCode, 0);
  EXPECT_EQ(run({"count", "others", "all"}).out, "3\n");
  const Outcome again = run({"reload", "others", url_, "--table", "users"});
  EXPECT_THAT(again.err, HasSubstr("loaded 2 items"));
  EXPECT_EQ(run({"get", "others", "eve"}).exitCode, 1);
}

TEST_P(DatabaseCommands, KamailioTablesAndColumnsOfAny) {
  run({"put", "t", "s", "\"x\""});
  run({"put", "t", "n", "5"});
  EXPECT_EQ(run({"store", "t", url_, "--layout", "kamailio"}).exitCode, 0);
  EXPECT_EQ(run({"load", "k", url_, "--table", "t", "--layout", "kamailio"}).exitCode, 0);
  EXPECT_EQ(run({"get", "k", "n"}).out, "5\n");
  EXPECT_EQ(run({"load", "c", url_, "--table", "t", "--columns", "key_name,value_type,key_value"})
                .exitCode,
            0);
  EXPECT_EQ(run({"get", "c", "n"}).out, "{\"value_type\":1,\"key_value\":\"5\"}\n");
  EXPECT_EQ(run({"load", "p", url_, "--table", "t", "--columns", "key_name,value_type,key_value",
                 "--delimiter", "|"})
                .exitCode,
            0);
  EXPECT_EQ(run({"get", "p", "s"}).out, "\"0|x\"\n");
}

TEST_P(DatabaseCommands, ColumnsAreStoredAndTellWhatIsNone) {
  const std::vector<std::string> packed = {"--columns", "k,carrier,note", "--delimiter",
                                           "|",         "--null",         "-"};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), packed.begin(), packed.end());
    return run(words);
  };
  run({"put", "t", "49", "\"dt|-\""});
  EXPECT_THAT(with({"store", "t", url_}).err, HasSubstr("stored 1 item"));
  EXPECT_EQ(with({"load", "back", url_, "--table", "t"}).exitCode, 0);
  EXPECT_EQ(run({"get", "back", "49"}).out, "\"dt|-\"\n");
  run({"load", "object", url_, "--table", "t", "--columns", "k,carrier,note"});
  EXPECT_EQ(run({"get", "object", "49"}).out, "{\"carrier\":\"dt\",\"note\":null}\n");
  run({"put", "t", "43", "\"a1|b|c\""});
  const Outcome refused = with({"store", "t", url_});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("item 43: 3 texts"));
}

TEST_P(DatabaseCommands, WhatIsWrongIsTold) {
  const Outcome none = run({"load", "users", url_});
  EXPECT_EQ(none.exitCode, 4);
  EXPECT_THAT(none.err, HasSubstr("users.db"));
  EXPECT_EQ(run({"load", "users", "users.db"}).exitCode, 2);
  EXPECT_EQ(run({"load", "users", url_, "--layout", "xml"}).exitCode, 2);
  EXPECT_EQ(run({"store", "nobody", url_}).exitCode, 1);
}

}  // namespace
}  // namespace hexpage::cli_test
