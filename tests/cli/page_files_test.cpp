// Commands that tell of the filesystem backend's pages: tree, stat, verify, repair, ls, adopt.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PageFiles : public ProgramTest {};

TEST_F(PageFiles, TreeDrawsTheFiles) {
  importNumbers("users", 8);
  const std::string drawing = run({"tree", "users"}).out;
  EXPECT_THAT(drawing, HasSubstr("users  8 items, page size 4\n"));
  EXPECT_THAT(drawing, HasSubstr("\n├── users/data/"));
  EXPECT_THAT(drawing, HasSubstr("\n└── users/data/"));
  environment["LC_ALL"] = "C";
  EXPECT_THAT(run({"tree", "users"}).out, HasSubstr("\n`-- users/data/"));
}

TEST_F(PageFiles, TreeOfJsonTellsTheSizeOfEachFile) {
  importNumbers("users", 60);
  std::istringstream lines(run({"tree", "users", "--json"}).out);
  for (std::string line; std::getline(lines, line);) {
    const json node = json::parse(line);
    EXPECT_EQ(node["bytes"].get<std::size_t>(),
              contentOf("data/" + node["file"].get<std::string>()).size());
  }
}

TEST_F(PageFiles, ALongTreeIsCutUnlessAllIsWanted) {
  importNumbers("users", 400);
  const std::string cut = run({"tree", "users"}).out;
  EXPECT_EQ(std::count(cut.begin(), cut.end(), '\n'), 1 + 50 + 1);
  EXPECT_THAT(cut, HasSubstr(" more (--all shows them)\n"));
  const std::string whole = run({"tree", "users", "--all"}).out;
  const std::string nodes = run({"tree", "users", "--json"}).out;
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'),
            1 + std::count(nodes.begin(), nodes.end(), '\n'));
}

TEST_F(PageFiles, VerifyNamesTheDamagedFile) {
  run({"put", "users", "a", "1"});
  run({"put", "fine", "a", "1"});
  const Outcome clean = run({"verify"});
  EXPECT_EQ(clean.exitCode, 0);
  EXPECT_EQ(clean.out, "");
  EXPECT_THAT(clean.err, HasSubstr("2 hashes, 2 items"));
  EXPECT_THAT(clean.err, HasSubstr("0 errors"));
  writeFile("data/users/data.json", "{\"type\":\"hash_page\",");
  const Outcome wrong = run({"verify"});
  EXPECT_EQ(wrong.exitCode, 3);
  EXPECT_EQ(wrong.out.rfind("users/data.json: ", 0), 0U) << wrong.out;
  const std::string findings = run({"verify", "--json"}).out;
  const json finding = json::parse(findings.substr(0, findings.find('\n')));
  EXPECT_EQ(finding["severity"], "error");
  EXPECT_EQ(finding["file"], "users/data.json");
  EXPECT_EQ(run({"get", "users", "a"}).exitCode, 3);
  EXPECT_EQ(run({"get", "fine", "a"}).out, "1\n");
}

TEST_F(PageFiles, RepairMendsAWrongLengthButNotOnADryRun) {
  run({"put", "users", "a", "1"});
  const std::string header = contentOf("data/users.json");
  std::string wrong = header;
  wrong.replace(wrong.find("\"length\":1"), 10, "\"length\":9");
  writeFile("data/users.json", wrong);
  EXPECT_EQ(run({"repair"}).exitCode, 3) << "what was edited in place is not for repair to judge";
  const Outcome accepted = run({"verify", "--accept", "users.json"});
  EXPECT_EQ(accepted.exitCode, 3) << "the length is still wrong";
  EXPECT_THAT(accepted.out, HasSubstr("users.json: note: accepted as it is\n"));
  EXPECT_EQ(run({"verify", "--accept", "users/1.json"}).exitCode, 1);
  const Outcome dryRun = run({"repair", "--dry-run"});
  EXPECT_EQ(dryRun.exitCode, 3);
  EXPECT_THAT(dryRun.out, testing::AllOf(StartsWith("users.json: "), HasSubstr("; on repair: ")));
  EXPECT_EQ(contentOf("data/users.json"), wrong);
  const Outcome repair = run({"repair"});
  EXPECT_EQ(repair.exitCode, 0);
  EXPECT_THAT(repair.out, testing::AllOf(StartsWith("users.json: "), Not(HasSubstr("on repair"))));
  EXPECT_EQ(contentOf("data/users.json"), header);
  EXPECT_EQ(run({"verify"}).exitCode, 0);
}

// One such header once kept ls from listing any hash.
TEST_F(PageFiles, LsMarksADamagedHashAndListsTheOthers) {
  run({"put", "bad", "a", "1"});
  run({"put", "users", "a", "1"});
  writeFile("data/bad.json", R"({"page_size":1e999,"length":1,"type":"hash"})");
  const Outcome paths = run({"ls"});
  EXPECT_EQ(paths.exitCode, 3);
  EXPECT_EQ(paths.out, "bad\nusers\n");
  EXPECT_THAT(paths.err, HasSubstr("bad"));
  EXPECT_THAT(run({"ls", "--json"}).out, HasSubstr(R"({"path":"bad","corrupt":)"));
  EXPECT_THAT(run({"ls", "--long"}).out, HasSubstr("corrupt"));
  const Outcome verify = run({"verify"});
  EXPECT_EQ(verify.exitCode, 3);
  EXPECT_THAT(verify.out, HasSubstr("bad.json: "));
}

TEST_F(PageFiles, AdoptMakesAPathKnownWhereFilesDoNotTell) {
  const Words md5 = {"--set", "raw_file_paths=false"};
  const auto inMd5 = [&](Words words) {
    words.insert(words.begin(), md5.begin(), md5.end());
    return run(words);
  };
  inMd5({"put", "users", "a", "1"});
  EXPECT_EQ(inMd5({"ls"}).out, "users\n");
  std::filesystem::remove(directory() / "data/.hexpage/paths");
  const Outcome unadopted = inMd5({"ls"});
  EXPECT_EQ(unadopted.out, "");
  EXPECT_THAT(unadopted.err, HasSubstr("note: 2 files"));
  EXPECT_THAT(unadopted.err, HasSubstr("hexpage adopt"));
  EXPECT_THAT(inMd5({"verify"}).out, testing::MatchesRegex("[^\n]*as is 1 other file[^\n]*\n"));
  EXPECT_EQ(inMd5({"adopt", "users"}).exitCode, 0);
  EXPECT_EQ(inMd5({"ls"}).out, "users\n");
  EXPECT_EQ(inMd5({"ls"}).err, "");
  EXPECT_EQ(inMd5({"adopt", "nobody"}).exitCode, 1);
}

TEST_F(PageFiles, StatTellsThemByItems) {
  importNumbers("users", 100);
  EXPECT_THAT(run({"stat", "users"}).out, HasSubstr("pages by items\n"));
}

}  // namespace
}  // namespace hexpage::cli_test
