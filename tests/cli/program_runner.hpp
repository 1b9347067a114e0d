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

  // Items k0: 0, k1: 1, ... of a hash with four to a page.
  void importNumbers(const std::string& hash, int items);

  // From here on the config of every run.
  void useConfig(const std::string& json);

  std::string contentOf(const std::string& file) const;
  void writeFile(const std::string& file, const std::string& content) const;
  std::filesystem::path directory() const { return directory_; }

  std::map<std::string, std::string> environment = {{"LC_ALL", "C.UTF-8"}, {"TERM", "xterm"}};

 private:
  std::filesystem::path directory_;
};

// The fixture with the backend of the test's parameter, its store in ./data: for whatever has to be
// the same over each backend that keeps files.
template <class Fixture>
class OnEachBackend : public Fixture, public testing::WithParamInterface<std::string> {
 protected:
  OnEachBackend() {
    if (GetParam() != "filesystem") this->useConfig(config());
  }

  // Of one who has no config the backend is the filesystem.
  static std::string config() {
    const std::string name = "\"" + GetParam() + "\"";
    return R"({"backend":)" + name + "," + name + R"(:{"base_dir":"./data"}})";
  }
};

inline auto eachBackend() { return testing::Values("filesystem", "binary"); }

inline std::string nameOfBackend(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace hexpage::cli_test
