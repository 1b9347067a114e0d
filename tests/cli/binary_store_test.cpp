// Commands that tell of the binary backend's log and index: tree, stat, compact, verify, repair.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class BinaryStore : public ProgramTest {
 protected:
  BinaryStore() { useConfig(R"({"backend":"binary","binary":{"base_dir":"data"}})"); }

  // One bit of the log, where it has these bytes first.
  void flipBitAt(const std::string& bytes) {
    std::string log = contentOf("data/log.000001");
    const std::size_t at = log.find(bytes);
    ASSERT_NE(at, std::string::npos);
    log[at] = static_cast<char>(log[at] ^ 1);
    writeFile("data/log.000001", log);
  }
};

TEST_F(BinaryStore, TreeDrawsTheIndex) {
  importNumbers("users", 8);
  const std::string drawing = run({"tree", "users"}).out;
  EXPECT_THAT(drawing, StartsWith("users  8 items, page size 4\ntree "));
  EXPECT_THAT(drawing, HasSubstr("\n└── page 1  8 items  "));
  environment["LC_ALL"] = "C";
  EXPECT_THAT(run({"tree", "users"}).out, HasSubstr("\n`-- page 1  "));
}

TEST_F(BinaryStore, StatTellsOfSegmentsAndIndex) {
  importNumbers("users", 20);
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

TEST_F(BinaryStore, CompactGivesBackWhatWasOverwritten) {
  const std::string large(100'000, 'x');
  for (int i = 0; i < 3; ++i) run({"put", "users", "a", "-"}, "\"" + large + "\"");
  const Outcome compacted = run({"compact"});
  EXPECT_EQ(compacted.exitCode, 0) << compacted.err;
  EXPECT_THAT(compacted.err, testing::ContainsRegex("gave back (19|2)[0-9.]+ KiB in"));
  EXPECT_EQ(run({"get", "users", "a"}).out, "\"" + large + "\"\n");
}

TEST_F(BinaryStore, DamageIsNamedAndRepairSavesTheRest) {
  run({"create", "users"});
  run({"put", "users", "ann", "\"damaged\""});
  run({"put", "users", "bob", "2"});
  run({"export", "users", "users.jsonl"});
  const std::string good = contentOf("users.jsonl");
  flipBitAt("damaged");
  std::filesystem::remove(directory() / "data/index");
  for (const Words& words : {Words{"get", "users", "bob"},
                             {"ls"},
                             {"export", "users", "users.jsonl"},
                             {"put", "users", "eve", "3"}}) {
    const Outcome refused = run(words);
    EXPECT_EQ(refused.exitCode, 3) << words[0];
    EXPECT_THAT(refused.err, HasSubstr("log.000001")) << words[0];
  }
  EXPECT_EQ(contentOf("users.jsonl"), good);
  EXPECT_THAT(run({"pipe"}, "GET \"users\" \"bob\"\n").out, HasSubstr("\nERR CORRUPT "));
  EXPECT_EQ(run({"verify"}).exitCode, 3);
  EXPECT_EQ(run({"repair", "--dry-run"}).exitCode, 3);
  EXPECT_EQ(run({"repair"}).exitCode, 0);
  EXPECT_EQ(run({"verify"}).exitCode, 0);
  EXPECT_EQ(run({"get", "users", "ann"}).exitCode, 1);
  EXPECT_EQ(run({"get", "users", "bob"}).out, "2\n");
}

}  // namespace
}  // namespace hexpage::cli_test
