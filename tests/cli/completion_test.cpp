// completions/hexpage.bash, asked as bash would ask it.
#include <sstream>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kScript = std::string(HEXPAGE_SOURCE_DIR) + "/completions/hexpage.bash";

class Completion : public ProgramTest {
 protected:
  // What is offered for the last of the words, a line each. The first is the program.
  std::string offered(const Words& words) {
    std::string array;
    for (const std::string& word : words) array += " '" + word + "'";
    const std::string ask = "source '" + kScript + "'; COMP_WORDS=('" + HEXPAGE_PROGRAM + "'" +
                            array + "); COMP_CWORD=" + std::to_string(words.size()) +
                            "; _hexpage; printf '%s\\n' \"${COMPREPLY[@]}\"";
    const Outcome outcome = runOther({"bash", "-c", ask});
    EXPECT_EQ(outcome.exitCode, 0);
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  }
};

TEST_F(Completion, TheScriptIsValid) {
  EXPECT_EQ(runOther({"bash", "-n", kScript}).exitCode, 0);
  EXPECT_THAT(runOther({"bash", "-c", "source '" + kScript + "'; complete -p hexpage"}).out,
              HasSubstr("_hexpage"));
}

TEST_F(Completion, OffersCommandsAndOptions) {
  EXPECT_EQ(offered({"pag"}), "page-size\n");
  EXPECT_THAT(offered({""}), HasSubstr("\nverify\n"));
  EXPECT_EQ(offered({"--dat"}), "--data\n");
  EXPECT_EQ(offered({"get", "users", "k", "--ra"}), "--raw\n");
  EXPECT_EQ(offered({"import", "users", "--obj"}), "--object\n");
  EXPECT_EQ(offered({"--backend", "mem"}), "memory\n");
  EXPECT_EQ(offered({"table", "setx"}), "setxs\nsetxi\n");
}

TEST_F(Completion, EveryCommandOfTheProgramIsOffered) {
  const std::string help = run({"--help"}).out;
  std::istringstream commands(offered({""}));
  for (std::string command; std::getline(commands, command);)
    EXPECT_THAT(help,
                testing::AnyOf(HasSubstr("\n  " + command + " "), HasSubstr("," + command + " ")));
}

TEST_F(Completion, OffersTheHashesOfTheStore) {
  run({"put", "users", "a", "1"});
  run({"put", "urls", "a", "1"});
  run({"--data", "other", "put", "elsewhere", "a", "1"});
  EXPECT_EQ(offered({"get", "us"}), "users\n");
  EXPECT_EQ(offered({"table", "dump", "us"}), "users\n");
  EXPECT_EQ(offered({"copy", "users", "ur"}), "urls\n");
  EXPECT_EQ(offered({"--data", "other", "tree", ""}), "elsewhere\n");
  EXPECT_EQ(offered({"--set", "hash_page_size", "=", "4", "each", "ur"}), "urls\n");
  EXPECT_THAT(offered({"get", "users", ""}), Not(HasSubstr("users")));
}

TEST_F(Completion, OffersFilesWhereAFileIsMeant) {
  writeFile("people.jsonl", "");
  EXPECT_EQ(offered({"import", "users", "peo"}), "people.jsonl\n");
  EXPECT_EQ(offered({"--config", "peo"}), "people.jsonl\n");
}

TEST_F(Completion, OffersWhatALockIsHeldFor) {
  run({"put", "users", "a", "1"});
  writeFile("report.sh", "");
  EXPECT_EQ(offered({"lock", "--sha"}), "--shared\n");
  EXPECT_EQ(offered({"lock", "us"}), "\n");
  EXPECT_EQ(offered({"lock", "--item", "us"}), "users\n");
  EXPECT_THAT(offered({"lock", "nightly", "--", "mkfif"}), HasSubstr("mkfifo\n"));
  EXPECT_THAT(offered({"lock", "--item", "users", "ann", "--", "mkfif"}), HasSubstr("mkfifo\n"));
  EXPECT_EQ(offered({"lock", "nightly", "--", "cat", "repo"}), "report.sh\n");
  EXPECT_EQ(offered({"lock", "nightly", "--", "cat", "--sha"}), "\n");
}

TEST_F(Completion, IsQuietWithoutAStore) {
  EXPECT_EQ(offered({"get", ""}), "\n");
  EXPECT_FALSE(std::filesystem::exists(directory() / "data"));
}

}  // namespace
}  // namespace hexpage::cli_test
