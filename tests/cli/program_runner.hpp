// Runs the hexpage program as a real process, in a directory of the test's own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hexpage::cli_test {

struct Outcome {
  int exitCode = -1;
  std::string out;
  std::string err;
};

using Words = std::vector<std::string>;

class ProgramTest : public testing::Test {
 protected:
  ProgramTest();
  ~ProgramTest() override;

  // Runs with these words in the test's directory; `input` is its stdin.
  Outcome run(const Words& words, const std::string& input = {});
  // Any other program, found on PATH.
  Outcome runOther(const Words& command, const std::string& input = {});
  // What a terminal would get: stdin, stdout and stderr are one. Line ends are "\n".
  Outcome runOnTerminal(const Words& words);

  // From here on the config of every run.
  void useConfig(const std::string& json);

  std::string contentOf(const std::string& file) const;
  void writeFile(const std::string& file, const std::string& content) const;
  std::filesystem::path directory() const { return directory_; }

  std::map<std::string, std::string> environment = {{"LC_ALL", "C.UTF-8"}, {"TERM", "xterm"}};

 private:
  std::filesystem::path directory_;
};

}  // namespace hexpage::cli_test
