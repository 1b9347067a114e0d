// migrate: between stores that are named on the command line.
#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>

#include "tests/cli/program_runner.hpp"
#include "tests/support/random.hpp"

namespace hexpage::cli_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class MigrateCommand : public ProgramTest {
 protected:
  void SetUp() override {
    std::string lines;
    for (int i = 0; i < 3000; ++i)
      lines +=
          "{\"key\":\"" + std::to_string(i) + "\",\"value\":{\"n\":" + std::to_string(i) + "}}\n";
    ASSERT_EQ(run({"import", "many", "-", "--page-size", "300"}, lines).exitCode, 0);
    run({"put", "few", "a", "[1.10]"});
    run({"record", "put", "note", "true"});
  }

  // `store` is "backend:directory", as migrate takes it.
  Outcome runOn(const std::string& store, const Words& more) {
    const std::size_t colon = store.find(':');
    Words all = {"--backend", store.substr(0, colon), "--data", store.substr(colon + 1)};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  }

  // Backends differ in the order.
  std::multiset<std::string> exported(const std::string& store, const std::string& hash) {
    std::istringstream text(runOn(store, {"export", hash}).out);
    std::multiset<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
  }

  void expectCopied(const std::string& store) {
    EXPECT_EQ(runOn(store, {"ls"}).out, "few\nmany\n");
    for (const char* hash : {"few", "many"})
      EXPECT_EQ(exported(store, hash), exported("filesystem:data", hash));
    EXPECT_EQ(runOn(store, {"info", "many"}).out, run({"info", "many"}).out);
    EXPECT_EQ(runOn(store, {"record", "get", "note"}).out, "true\n");
    EXPECT_EQ(runOn(store, {"verify"}).exitCode, 0);
  }

  static Words words(const Words& more = {}, const std::string& to = "filesystem:new") {
    Words all = {"migrate", "--from", "filesystem:data", "--to", to};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  // Failed when the kill came after the last change: the next run then refuses what is there.
  void expectItGoesOnHoweverItIsKilled(const std::string& to) {
    const std::uint64_t seed = hexpage::testing::chosenSeed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    hexpage::testing::Random random(seed);
    Outcome outcome;
    for (int i = 0; i < 12; ++i) {
      const std::string millis = std::to_string(1 + random.below(60));
      Words command = {"timeout", "--signal=KILL",
                       "0." + std::string(3 - millis.size(), '0') + millis, HEXPAGE_PROGRAM};
      for (const std::string& word : words({}, to)) command.push_back(word);
      outcome = runOther(command);
      if (outcome.exitCode != 128 + SIGKILL) break;
    }
    if (outcome.exitCode == 128 + SIGKILL) outcome = run(words({}, to));
    // Killed between its last change and its end, it had nothing left to do.
    if (outcome.exitCode == 2)
      EXPECT_THAT(outcome.err, HasSubstr("few is in the destination already"));
    else
      EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
    expectCopied(to);
  }
};

TEST_F(MigrateCommand, SaysWhatItDid) {
  const Outcome outcome = run(words());
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err,
              MatchesRegex("migrated 2 hashes, 1 plain record, 3,001 items in [0-9.]+ m?s, [0-9,]+ "
                           "items/s; all compared by count and digest\n"));
  expectCopied("filesystem:new");
}

TEST_F(MigrateCommand, ProgressIsShownOnATerminal) {
  EXPECT_THAT(runOnTerminal(words()).out, AllOf(HasSubstr("%"), HasSubstr(" items/s")));
}

TEST_F(MigrateCommand, WhatIsThereNeedsReplace) {
  ASSERT_EQ(run(words({"few"})).exitCode, 0);
  const Outcome refused = run(words());
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("few is in the destination already"), HasSubstr("--replace")));
  EXPECT_EQ(run(words({"--replace"})).exitCode, 0);
  expectCopied("filesystem:new");
}

TEST_F(MigrateCommand, AStoreIsAJsonObjectOrAFileToo) {
  writeFile("new.json", R"({"backend":"filesystem","filesystem":{"base_dir":"new"}})");
  const Outcome outcome =
      run({"migrate", "--from", R"({"filesystem":{"base_dir":"data"}})", "--to", "new.json"});
  EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  expectCopied("filesystem:new");
}

TEST_F(MigrateCommand, RefusesWhatMakesNoSense) {
  const auto failed = [&](const Words& all) {
    const Outcome outcome = run(all);
    return std::to_string(outcome.exitCode) + " " + outcome.err;
  };
  EXPECT_THAT(failed({"migrate", "--from", "filesystem:data", "--to", "filesystem:./data/"}),
              AllOf(HasSubstr("2 "), HasSubstr("the same store")));
  EXPECT_THAT(failed({"migrate", "--from", "filesystem:none", "--to", "filesystem:new"}),
              AllOf(HasSubstr("1 "), HasSubstr("no store at none")));
  EXPECT_THAT(failed({"migrate", "--from", "filesystm:data", "--to", "filesystem:new"}),
              AllOf(HasSubstr("2 "), HasSubstr("unknown backend"), HasSubstr("filesystem")));
  EXPECT_THAT(failed({"migrate", "--from", "data", "--to", "filesystem:new"}),
              AllOf(HasSubstr("2 "), HasSubstr("filesystem:data")));
  EXPECT_THAT(failed({"migrate", "--from", "filesystem:", "--to", "filesystem:new"}),
              AllOf(HasSubstr("2 "), HasSubstr("no directory")));
  EXPECT_THAT(failed(words({"--data", "other"})), AllOf(HasSubstr("2 "), HasSubstr("--from")));
  EXPECT_THAT(failed(words({"none"})), AllOf(HasSubstr("1 "), HasSubstr("none")));
  EXPECT_EQ(run({"--data", "new", "ls"}).out, "");
}

TEST_F(MigrateCommand, WhatAnUnfinishedOneKeepsIsNoHashOfTheUsers) {
  run({"--data", "new", "put", "hexpage-migration/state", "state", "{}"});
  run({"--data", "new", "put", "users", "ann", "1"});
  const Outcome listed = run({"--data", "new", "ls"});
  EXPECT_EQ(listed.out, "users\n");
  EXPECT_THAT(listed.err, HasSubstr("a migration into this store is not finished"));
  EXPECT_EQ(run({"--data", "new", "ls", "hexpage-migration"}).out, "hexpage-migration/state\n");
}

TEST_F(MigrateCommand, KilledAtAnyMomentItGoesOn) {
  expectItGoesOnHoweverItIsKilled("filesystem:new");
}

TEST_F(MigrateCommand, KilledAtAnyMomentItGoesOnIntoABinaryStore) {
  expectItGoesOnHoweverItIsKilled("binary:new");
}

TEST_F(MigrateCommand, ADirectoryOfNodesIsTheSameBehindABinaryStore) {
  std::filesystem::copy(HEXPAGE_SOURCE_DIR "/sample_data/users-node", directory() / "node",
                        std::filesystem::copy_options::recursive);
  const auto migrate = [&](const std::string& from, const std::string& to) {
    const Outcome outcome = run({"migrate", "--from", from, "--to", to});
    EXPECT_EQ(outcome.exitCode, 0) << outcome.err;
  };
  migrate("filesystem:node", "binary:between");
  migrate("binary:between", "filesystem:back");
  const auto items = exported("filesystem:node", "users");
  EXPECT_GT(items.size(), 1u);
  for (const char* store : {"binary:between", "filesystem:back"}) {
    EXPECT_EQ(exported(store, "users"), items);
    EXPECT_EQ(runOn(store, {"info", "users"}).out, runOn("filesystem:node", {"info", "users"}).out);
  }
}

}  // namespace
}  // namespace hexpage::cli_test
