// Options, settings, help, exit codes, and what happens to output that can not be written.
#include <unistd.h>

#include <hexpage/hexpage.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Use : public ProgramTest {};

TEST_F(Use, HelpHasCommandsAndExamples) {
  const Outcome help = run({"--help"});
  EXPECT_EQ(help.exitCode, 0);
  EXPECT_EQ(help.err, "");
  for (const char* command :
       {"create", "put",    "get",    "del",     "update", "merge",  "each", "keys",
        "all",    "info",   "ls",     "copy",    "rename", "clear",  "drop", "page-size",
        "import", "export", "tree",   "stat",    "verify", "repair", "pipe", "version",
        "adopt",  "record", "config", "compact", "lock"}) {
    EXPECT_THAT(help.out, HasSubstr("\n  " + std::string(command) + " ")) << command;
    const Outcome own = run({command, "--help"});
    EXPECT_EQ(own.exitCode, 0) << command;
    EXPECT_THAT(own.out, HasSubstr("Usage: hexpage " + std::string(command))) << command;
  }
  EXPECT_THAT(run({"put", "--help"}).out, HasSubstr("Examples:\n  hexpage put users ann"));
  EXPECT_THAT(run({"pipe", "--help"}).out, HasSubstr("\n  PUTIF HASH KEY JSON|NIL JSON\n"));
}

TEST_F(Use, BadUseIsTwoAndSaysSo) {
  EXPECT_EQ(run({}).exitCode, 2);
  const Outcome unknown = run({"bogus"});
  EXPECT_EQ(unknown.exitCode, 2);
  EXPECT_EQ(unknown.out, "");
  EXPECT_THAT(unknown.err, HasSubstr("bogus"));
  EXPECT_EQ(run({"get", "users"}).exitCode, 2);
  EXPECT_EQ(run({"get", "users", "ann", "more"}).exitCode, 2);
  EXPECT_EQ(run({"get", "users", "ann", "--bogus"}).exitCode, 2);
}

TEST_F(Use, AMisspelledWordGetsTheNearest) {
  const auto complaint = [&](const Words& words) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 2);
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  };
  EXPECT_THAT(complaint({"geet", "users", "ann"}),
              HasSubstr("unknown command geet; did you mean get?\n"));
  EXPECT_THAT(complaint({"exprot"}), HasSubstr("did you mean export?"));
  EXPECT_THAT(complaint({"record", "gett", "a"}), HasSubstr("gett; did you mean get?"));
  EXPECT_THAT(complaint({"xylophone"}), HasSubstr("unknown command xylophone\n"));
  EXPECT_THAT(complaint({"create", "users", "--pagesize", "3"}),
              HasSubstr("unknown option --pagesize; did you mean --page-size?"));
  EXPECT_THAT(complaint({"--dat", "d", "ls"}), HasSubstr("--dat; did you mean --data?"));
}

TEST_F(Use, AKeyThatLooksLikeAnOptionGoesBehindTwoDashes) {
  run({"put", "users", "--", "-x", "1"});
  const Outcome refused = run({"get", "users", "-x"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("behind --, as in hexpage get ... -- -x\n"));
  EXPECT_EQ(run({"get", "users", "--", "-x"}).out, "1\n");
}

// Words behind the dashes were looked at for options once the command had as many as it needs.
TEST_F(Use, WhatIsBehindTwoDashesIsNoOption) {
  run({"put", "users", "ann", "1"});
  run({"put", "users", "--", "--raw", "2"});
  EXPECT_EQ(run({"del", "users", "ann", "--", "--raw"}).err, "removed 2 of 2 documents\n");
  const Outcome refused = run({"get", "users", "ann", "--", "--raw"});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("hexpage: one word too many: --raw\n"));
}

TEST_F(Use, VersionIsTheSameBothWays) {
  const Outcome version = run({"version"});
  EXPECT_EQ(version.exitCode, 0);
  EXPECT_EQ(version.out.rfind("hexpage ", 0), 0U);
  EXPECT_EQ(run({"--version"}).out, version.out);
}

TEST_F(Use, ReadingMakesNoStore) {
  const std::vector<Words> readers = {{"get", "users", "ann"},     {"ls"},
                                      {"each", "users"},           {"verify"},
                                      {"tree", "users"},           {"export", "users"},
                                      {"del", "users", "ann"},     {"update", "users", "ann", "{}"},
                                      {"copy", "users", "others"}, {"record", "get", "users"}};
  for (const Words& words : readers) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 1) << words[0];
    EXPECT_THAT(outcome.err, HasSubstr("no store at ./data")) << words[0];
    EXPECT_FALSE(std::filesystem::exists(directory() / "data")) << words[0];
  }
}

// Failed once: without a directory in its config a binary store was made in order to read it.
TEST_F(Use, ReadingMakesNoStoreWhereTheBackendPutsIt) {
  useConfig(R"({"backend":"binary"})");
  const Outcome outcome = run({"get", "users", "ann"});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_THAT(outcome.err, HasSubstr("no store at ./data.bin"));
  EXPECT_FALSE(std::filesystem::exists(directory() / "data.bin"));
}

TEST_F(Use, DataMayStandBeforeOrBehindTheCommand) {
  EXPECT_EQ(run({"--data", "there", "put", "users", "ann", "1"}).exitCode, 0);
  EXPECT_EQ(run({"get", "users", "ann", "--data", "there"}).out, "1\n");
  EXPECT_FALSE(std::filesystem::exists(directory() / "data"));
}

TEST_F(Use, AnEmptyPlaceIsRefused) {
  for (const char* option : {"--data", "--config", "--backend"})
    EXPECT_EQ(run({option, "", "put", "users", "ann", "1"}).exitCode, 2) << option;
  EXPECT_FALSE(std::filesystem::exists(directory() / "data"));
}

TEST_F(Use, AFileInPlaceOfTheStoreIsRefused) {
  writeFile("data", "not a directory");
  const Outcome outcome = run({"ls"});
  EXPECT_NE(outcome.exitCode, 0);
  EXPECT_NE(outcome.err, "");
  EXPECT_EQ(contentOf("data"), "not a directory");
}

TEST_F(Use, SettingsGoWhereTheyBelong) {
  const Outcome config = run({"--data", "d", "--set", "hash_page_size=4", "--set", "pretty=true",
                              "--set", "key_prefix=a=b", "--set", "cache.enabled=true", "--set",
                              "filesystem.cache.maxItems=9", "config"});
  EXPECT_EQ(json::parse(config.out), json::parse(R"({"backend":"filesystem","hash_page_size":4,
      "filesystem":{"base_dir":"d","pretty":true,"key_prefix":"a=b",
                    "cache":{"enabled":true,"maxItems":9}}})"));
  EXPECT_FALSE(std::filesystem::exists(directory() / "d")) << "config opens nothing";
}

TEST_F(Use, ASettingThatOnlyABackendHasNeedsNoSection) {
  const Outcome files = run({"--set", "checksums=false", "--set", "file_mode=0640", "config"});
  EXPECT_EQ(json::parse(files.out)["filesystem"],
            json::parse(R"({"base_dir":"./data","checksums":false,"file_mode":"0640"})"));
  const Outcome log = run({"--backend", "binary", "--set", "verify_reads=true", "config"});
  EXPECT_EQ(json::parse(log.out)["binary"],
            json::parse(R"({"base_dir":"./data.bin","verify_reads":true})"));
}

TEST_F(Use, SettingsAreUsed) {
  run({"--set", "hash_page_size=4", "--set", "pretty=true", "put", "users", "ann", "1"});
  EXPECT_THAT(run({"info", "users"}).out, HasSubstr("\"page_size\":4"));
  EXPECT_THAT(contentOf("data/users/data.json"), HasSubstr("\n\t\"items\": {\n\t\t\"ann\": 1"));
}

// Failed once: the object took the place of the whole section, and the store was made in ./data.
TEST_F(Use, ASectionThatIsSetKeepsWhatItDoesNotName) {
  const Outcome config =
      run({"--data", "d", "--set", R"(filesystem={"raw_file_paths":false,"cache":{"maxItems":5}})",
           "--set", "cache.maxAge=6", "config"});
  EXPECT_EQ(
      json::parse(config.out)["filesystem"],
      json::parse(R"({"base_dir":"d","raw_file_paths":false,"cache":{"maxItems":5,"maxAge":6}})"));
}

TEST_F(Use, UnknownSettingsAreRefusedWithTheNearestName) {
  const Outcome outcome = run({"--set", "hash_page_siz=4", "put", "users", "ann", "1"});
  EXPECT_EQ(outcome.exitCode, 2);
  EXPECT_THAT(outcome.err, HasSubstr("hash_page_size"));
  EXPECT_EQ(run({"--set", "nonsense", "config"}).exitCode, 2);
  EXPECT_EQ(run({"--set", "backend.x=1", "config"}).exitCode, 2);
  const Outcome backend = run({"--backend", "mamory", "put", "users", "ann", "1"});
  EXPECT_EQ(backend.exitCode, 2);
  EXPECT_THAT(backend.err, HasSubstr("memory"));
}

// With --data the complaint was once about a member "mamory" of the config.
TEST_F(Use, AnUnknownBackendIsCalledSo) {
  for (const Words& words : {Words{"--backend", "mamory", "--data", "d", "ls"},
                             {"--set", "backend=mamory", "--set", "pretty=true", "ls"},
                             {"--backend", "mamory", "config"}}) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exitCode, 2);
    EXPECT_EQ(outcome.err,
              "hexpage: unknown backend \"mamory\"; known: binary, filesystem, memory\n");
  }
}

TEST_F(Use, ConfigRefusesWhatEveryCommandRefuses) {
  for (const char* setting : {"hash_page_siz=4", "hash_page_size=0", "filesystem.raw_file_path=1",
                              "cache.maxbytes=1", "base_dir=7", "key_template=##"}) {
    const Outcome config = run({"--set", setting, "config"});
    EXPECT_EQ(config.exitCode, 2) << setting;
    EXPECT_EQ(config.out, "") << setting;
    EXPECT_EQ(config.err, run({"--set", setting, "put", "users", "ann", "1"}).err) << setting;
  }
  EXPECT_EQ(run({"--backend", "memory", "--data", "d", "config"}).exitCode, 2);
  EXPECT_TRUE(std::filesystem::is_empty(directory()));
}

TEST_F(Use, AConfigFileThatCanNotBeReadIsBadUse) {
  const auto complaintOf = [&](const std::string& file) {
    const Outcome outcome = run({"--config", file, "ls"});
    EXPECT_EQ(outcome.exitCode, 2) << file;
    return outcome.err;
  };
  EXPECT_EQ(complaintOf("none.json"),
            "hexpage: config file none.json: No such file or directory\n");
  EXPECT_EQ(complaintOf("."), "hexpage: config file .: Is a directory\n");
  writeFile("twice.json", R"({"hash_page_size":4,"hash_page_size":5})");
  EXPECT_THAT(complaintOf("twice.json"),
              testing::AllOf(HasSubstr("config file twice.json: "), HasSubstr("twice")));
  environment["HEXPAGE_CONFIG"] = "nope";
  EXPECT_EQ(run({"ls"}).err, "hexpage: config file nope: No such file or directory\n");
}

TEST_F(Use, ConfigFilesAreReadAndOverridden) {
  writeFile("one.json", R"({"hash_page_size":7,"filesystem":{"base_dir":"one"}})");
  writeFile("two.json", R"({"hash_page_size":8,"filesystem":{"base_dir":"two"}})");
  environment["HEXPAGE_CONFIG"] = "one.json";
  EXPECT_EQ(json::parse(run({"config"}).out)["filesystem"]["base_dir"], "one");
  EXPECT_EQ(json::parse(run({"--config", "two.json", "config"}).out)["hash_page_size"], 8);
  EXPECT_EQ(json::parse(run({"--data", "d", "config"}).out)["filesystem"]["base_dir"], "d");
  writeFile("two.json", "{\"a\":");
  const Outcome broken = run({"--config", "two.json", "config"});
  EXPECT_EQ(broken.exitCode, 2);
  EXPECT_THAT(broken.err, HasSubstr("two.json"));
  EXPECT_EQ(run({"--config", "none.json", "config"}).exitCode, 2);
}

TEST_F(Use, MemoryBackendForgetsAtTheEnd) {
  EXPECT_EQ(run({"--backend", "memory", "put", "users", "ann", "1"}).exitCode, 0);
  EXPECT_EQ(run({"--backend", "memory", "ls"}).out, "");
  EXPECT_FALSE(std::filesystem::exists(directory() / "data"));
}

TEST_F(Use, OutputThatCanNotBeWrittenIsAnError) {
  run({"put", "users", "ann", "1"});
  for (const std::string place : {"> /dev/full", ">&-"}) {
    const Outcome outcome =
        runOther({"sh", "-c", std::string(HEXPAGE_PROGRAM) + " get users ann " + place});
    EXPECT_EQ(outcome.exitCode, 4) << place;
    EXPECT_THAT(outcome.err, HasSubstr("standard output")) << place;
  }
}

TEST_F(Use, AClosedPipeIsAQuietErrorNotASignal) {
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += "{\"key\":\"" + std::to_string(i) + "\",\"value\":0}\n";
  run({"import", "users", "-", "--page-size", "1000"}, lines);
  const std::string program = HEXPAGE_PROGRAM;
  const Outcome outcome =
      runOther({"bash", "-c", program + " each users | head -n 1; echo ${PIPESTATUS[0]}"});
  EXPECT_THAT(outcome.out, testing::EndsWith("\n4\n"));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Use, ControlCharactersDoNotReachTheTerminal) {
  run({"put", "users", "ann", "1"});
  const Outcome outcome = run({"get", "users", "\x1b[31mred"});
  EXPECT_EQ(outcome.exitCode, 1);
  EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
  EXPECT_THAT(outcome.err, HasSubstr("\\x1b[31mred"));
}

}  // namespace
}  // namespace hexpage::cli_test
