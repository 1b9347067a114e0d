// create, info, ls, copy, rename, clear, drop, page-size, tree, stat, verify, repair, record.
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

class HashCommands : public ProgramTest {
 protected:
  void fill(const std::string& hash, int items) {
    std::string lines;
    for (int i = 0; i < items; ++i)
      lines += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":" + std::to_string(i) + "}\n";
    ASSERT_EQ(run({"import", hash, "-", "--page-size", "4"}, lines).exitCode, 0);
  }
};

TEST_F(HashCommands, CreateTakesHeaderMembers) {
  EXPECT_EQ(run({"create", "users", R"({"owner":"hr"})", "--page-size", "9"}).exitCode, 0);
  EXPECT_EQ(json::parse(run({"info", "users"}).out),
            json::parse(R"({"path":"users","length":0,"page_size":9,
                            "options":{"owner":"hr","page_size":9}})"));
  EXPECT_EQ(run({"create", "other", "[1]"}).exitCode, 2);
  EXPECT_EQ(run({"create", "other", "--page-size", "0"}).exitCode, 2);
}

TEST_F(HashCommands, LsListsByPrefix) {
  run({"put", "users", "a", "1"});
  run({"put", "archive/users", "a", "1"});
  EXPECT_EQ(run({"ls"}).out, "archive/users\nusers\n");
  EXPECT_EQ(run({"ls", "arch", "--json"}).out,
            R"({"path":"archive/users","length":1,"page_size":50})"
            "\n");
  EXPECT_EQ(run({"ls", "nothing"}).exitCode, 0);
}

TEST_F(HashCommands, LsIsATableOnATerminal) {
  run({"put", "users", "a", "1"});
  environment["NO_COLOR"] = "1";
  EXPECT_EQ(runOnTerminal({"ls"}).out, "HASH   ITEMS  PAGE SIZE\nusers      1         50\n");
  EXPECT_EQ(run({"ls", "-l"}).out, runOnTerminal({"ls"}).out);
}

TEST_F(HashCommands, ColoursOnlyOnATerminalAndWithoutNoColor) {
  run({"put", "users", "a", "1"});
  EXPECT_THAT(runOnTerminal({"ls"}).out, HasSubstr("\x1b["));
  EXPECT_THAT(run({"ls", "-l"}).out, Not(HasSubstr("\x1b[")));
  environment["NO_COLOR"] = "1";
  EXPECT_THAT(runOnTerminal({"ls"}).out, Not(HasSubstr("\x1b[")));
}

TEST_F(HashCommands, CopyAndRenameMoveTheItems) {
  run({"put", "a", "k", "1"});
  EXPECT_EQ(run({"copy", "a", "b"}).exitCode, 0);
  EXPECT_EQ(run({"rename", "b", "c"}).exitCode, 0);
  EXPECT_EQ(run({"ls"}).out, "a\nc\n");
  EXPECT_EQ(run({"get", "c", "k"}).out, "1\n");
  EXPECT_EQ(run({"copy", "nobody", "d"}).exitCode, 1);
  EXPECT_EQ(run({"rename", "nobody", "d"}).exitCode, 1);
}

TEST_F(HashCommands, AHashInsideAnotherOnesPagesIsAConflict) {
  run({"put", "a", "k", "1"});
  EXPECT_EQ(run({"put", "a/data/0", "k", "1"}).exitCode, 2);
}

TEST_F(HashCommands, ClearEmptiesAndDropRemoves) {
  fill("users", 12);
  const Outcome clear = run({"clear", "users"});
  EXPECT_EQ(clear.exitCode, 0);
  EXPECT_EQ(clear.err, "removed 12 documents\n");
  EXPECT_EQ(run({"ls"}).out, "users\n");
  EXPECT_EQ(run({"drop", "users"}).exitCode, 0);
  EXPECT_EQ(run({"ls"}).out, "");
  EXPECT_EQ(run({"clear", "users"}).exitCode, 1);
  EXPECT_EQ(run({"drop", "users"}).exitCode, 1);
}

TEST_F(HashCommands, PageSizeLaysOutAnew) {
  fill("users", 40);
  EXPECT_EQ(run({"page-size", "users", "50"}).exitCode, 0);
  EXPECT_EQ(run({"tree", "users"}).out.find("index"), std::string::npos);
  EXPECT_EQ(run({"page-size", "users", "0"}).exitCode, 2);
  EXPECT_EQ(run({"page-size", "users", "many"}).exitCode, 2);
  EXPECT_EQ(run({"page-size", "nobody", "5"}).exitCode, 1);
}

TEST_F(HashCommands, TreeDrawsTheFiles) {
  fill("users", 8);
  const std::string drawing = run({"tree", "users"}).out;
  EXPECT_THAT(drawing, HasSubstr("users  8 items, page size 4\n"));
  EXPECT_THAT(drawing, HasSubstr("\n├── users/data/"));
  EXPECT_THAT(drawing, HasSubstr("\n└── users/data/"));
  environment["LC_ALL"] = "C";
  EXPECT_THAT(run({"tree", "users"}).out, HasSubstr("\n`-- users/data/"));
  EXPECT_EQ(run({"tree", "nobody"}).exitCode, 1);
}

TEST_F(HashCommands, TreeOfJsonCountsEveryItem) {
  fill("users", 60);
  std::istringstream lines(run({"tree", "users", "--json"}).out);
  int items = 0;
  for (std::string line; std::getline(lines, line);) {
    const json node = json::parse(line);
    items += node["items"].get<int>();
    EXPECT_EQ(node["bytes"].get<std::size_t>(),
              contentOf("data/" + node["file"].get<std::string>()).size());
  }
  EXPECT_EQ(items, 60);
}

TEST_F(HashCommands, ALongTreeIsCutUnlessAllIsWanted) {
  fill("users", 400);
  const std::string cut = run({"tree", "users"}).out;
  EXPECT_EQ(std::count(cut.begin(), cut.end(), '\n'), 1 + 50 + 1);
  EXPECT_THAT(cut, HasSubstr(" more (--all shows them)\n"));
  const std::string whole = run({"tree", "users", "--all"}).out;
  const std::string nodes = run({"tree", "users", "--json"}).out;
  EXPECT_EQ(std::count(whole.begin(), whole.end(), '\n'),
            1 + std::count(nodes.begin(), nodes.end(), '\n'));
}

TEST_F(HashCommands, StatAddsUp) {
  fill("users", 100);
  const json stat = json::parse(run({"stat", "users", "--json"}).out);
  EXPECT_EQ(stat["items"], 100);
  EXPECT_EQ(stat["page_size"], 4);
  int pages = stat["overfull"];
  for (const json& count : stat["fill"]) pages += count.get<int>();
  EXPECT_EQ(stat["pages"], pages);
  int atDepths = 0;
  for (const json& count : stat["pages_at_depth"]) atDepths += count.get<int>();
  EXPECT_EQ(atDepths, pages);
  EXPECT_EQ(stat["pages_at_depth"].size(), stat["depth"].get<std::size_t>());
  const std::string shown = run({"stat", "users"}).out;
  EXPECT_THAT(shown, HasSubstr("pages by items\n"));
  EXPECT_THAT(shown, HasSubstr("pages by depth\n"));
  EXPECT_EQ(run({"stat", "nobody"}).exitCode, 1);
}

TEST_F(HashCommands, StatOfAStoreTellsOfItsHashes) {
  fill("users", 20);
  const Outcome shown = run({"stat"});
  EXPECT_EQ(shown.exitCode, 0);
  EXPECT_THAT(shown.out, HasSubstr("items   20\n"));
}

TEST_F(HashCommands, StatOfABinaryStoreTellsOfSegmentsAndIndex) {
  useConfig(R"({"backend":"binary"})");
  fill("users", 20);
  const std::string shown = run({"stat"}).out;
  EXPECT_THAT(shown, testing::ContainsRegex("log.000001, live +[0-9.]+ B of [0-9.]+ B"));
  EXPECT_THAT(shown, HasSubstr("index slots filled"));
  EXPECT_THAT(run({"stat", "users"}).out, HasSubstr("pages by how full they are\n"));
  std::istringstream lines(run({"stat", "--json"}).out);
  std::uint64_t live = 0, whole = 0;
  for (std::string line; std::getline(lines, line);) {
    const json figure = json::parse(line);
    if (figure["name"] != "log, live") continue;
    EXPECT_EQ(figure["unit"], "bytes");
    live = figure["value"];
    whole = figure["of"];
  }
  EXPECT_GT(live, 0u);
  EXPECT_LE(live, whole);
}

TEST_F(HashCommands, CompactGivesBackWhatWasOverwritten) {
  EXPECT_EQ(run({"compact"}).exitCode, 1);  // there is no store
  fill("users", 3);
  EXPECT_THAT(run({"compact"}).err, HasSubstr("gave back 0 B"));
  useConfig(R"({"backend":"binary"})");
  const std::string large(100'000, 'x');
  for (int i = 0; i < 3; ++i) run({"put", "users", "a", "-"}, "\"" + large + "\"");
  const Outcome compacted = run({"compact"});
  EXPECT_EQ(compacted.exitCode, 0) << compacted.err;
  EXPECT_THAT(compacted.err, testing::ContainsRegex("gave back (19|2)[0-9.]+ KiB in"));
  EXPECT_EQ(run({"get", "users", "a"}).out, "\"" + large + "\"\n");
}

TEST_F(HashCommands, VerifyNamesTheDamagedFile) {
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

TEST_F(HashCommands, RepairMendsAWrongLengthButNotOnADryRun) {
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

TEST_F(HashCommands, RecordsAreKeptBesideHashes) {
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
TEST_F(HashCommands, RecordsKeepTheSpellingOfNumbers) {
  const std::string text = R"({"price":1.10,"huge":123456789012345678901234567890})";
  EXPECT_EQ(run({"record", "put", "prices", text}).exitCode, 0);
  EXPECT_EQ(run({"record", "get", "prices"}).out, text + "\n");
}

// One such header once kept ls from listing any hash.
TEST_F(HashCommands, LsMarksADamagedHashAndListsTheOthers) {
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

// The refusal once named a function of the library.
TEST_F(HashCommands, RecordCommandsSayHowAHashIsRemoved) {
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

TEST_F(HashCommands, ADifferentStoredPathIsNoted) {
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

TEST_F(HashCommands, AdoptMakesAPathKnownWhereFilesDoNotTell) {
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

}  // namespace
}  // namespace hexpage::cli_test
