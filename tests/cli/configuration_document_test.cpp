// docs/configuration.md says what is refused in which words; here is whether it is true.
#include <fstream>
#include <regex>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

class ConfigurationDocument : public ProgramTest {};

// Its rows of one setting and its value; the other rows tell of directories.
TEST_F(ConfigurationDocument, EachSettingIsRefusedInItsWords) {
  std::ifstream page(std::string(HEXPAGE_SOURCE_DIR) + "/docs/configuration.md");
  const std::regex row(R"(\| `([a-z_A-Z.]+)` (\S+) \| `(.*)` \|)");
  std::size_t rows = 0;
  for (std::string line; std::getline(page, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    ++rows;
    const std::string setting = match[1].str();
    const std::string section = setting.substr(0, setting.find('.'));
    const bool isBackend = section == "memory" || section == "binary";
    const Outcome outcome = run({"--backend", isBackend ? section : "filesystem", "--set",
                                 setting + "=" + match[2].str(), "config"});
    EXPECT_EQ(outcome.exitCode, 2) << line;
    EXPECT_EQ(outcome.err, "hexpage: " + match[3].str() + "\n");
  }
  EXPECT_GT(rows, 15u);
}

}  // namespace
}  // namespace hexpage::cli_test
