#include "tests/cli/program_runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace hexpage::cli_test {
namespace {

struct Channel {
  Channel() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error(std::strerror(errno));
  }
  ~Channel() {
    closeEnd(0);
    closeEnd(1);
  }
  void closeEnd(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

// In the child; never comes back.
[[noreturn]] void become(const Words& command, const std::filesystem::path& directory,
                         const std::map<std::string, std::string>& environment) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  for (const char* name : {"NO_COLOR", "HEXPAGE_CONFIG", "LANG", "LC_CTYPE"}) ::unsetenv(name);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (::chdir(directory.c_str()) == 0) ::execvp(words[0], words.data());
  ::_exit(127);
}

int exitCodeOf(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// False at the end.
bool readSome(int descriptor, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

void writeSome(Channel& in, std::string_view& input) {
  const ssize_t written = ::write(in.ends[1], input.data(), input.size());
  // A program that stops reading is no failure of the test.
  if (written < 0)
    input = {};
  else
    input.remove_prefix(static_cast<std::size_t>(written));
}

// Feeds and drains all three at once, so that none of them can fill up and block.
void exchange(Channel& in, Channel& out, Channel& err, std::string_view input, Outcome& outcome) {
  ::fcntl(in.ends[1], F_SETFL, O_NONBLOCK);
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    if (input.empty()) in.closeEnd(1);
    std::array<pollfd, 3> waits{
        {{in.ends[1], POLLOUT, 0}, {out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0) throw std::runtime_error(std::strerror(errno));
    if (waits[0].revents) writeSome(in, input);
    if (waits[1].revents && !readSome(out.ends[0], outcome.out)) out.closeEnd(0);
    if (waits[2].revents && !readSome(err.ends[0], outcome.err)) err.closeEnd(0);
  }
}

std::string withoutReturns(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text.compare(i, 2, "\r\n") != 0) out += text[i];
  return out;
}

Words programAnd(const Words& words) {
  Words command = {HEXPAGE_PROGRAM};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

}  // namespace

ProgramTest::ProgramTest() {
  ::signal(SIGPIPE, SIG_IGN);
  std::string name = (std::filesystem::temp_directory_path() / "hexpage-cli-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error(std::strerror(errno));
  directory_ = name;
}

ProgramTest::~ProgramTest() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Outcome ProgramTest::run(const Words& words, const std::string& input) {
  return runOther(programAnd(words), input);
}

Outcome ProgramTest::runOther(const Words& command, const std::string& input) {
  Channel in, out, err;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in.ends[0], STDIN_FILENO);
    ::dup2(out.ends[1], STDOUT_FILENO);
    ::dup2(err.ends[1], STDERR_FILENO);
    become(command, directory_, environment);
  }
  in.closeEnd(0);
  out.closeEnd(1);
  err.closeEnd(1);
  Outcome outcome;
  exchange(in, out, err, input, outcome);
  outcome.exitCode = exitCodeOf(child);
  return outcome;
}

Outcome ProgramTest::runOnTerminal(const Words& words) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) become(programAnd(words), directory_, environment);
  Outcome outcome;
  // A terminal whose last user is gone ends with EIO.
  while (readSome(terminal, outcome.out)) {
  }
  ::close(terminal);
  outcome.exitCode = exitCodeOf(child);
  outcome.out = withoutReturns(outcome.out);
  return outcome;
}

void ProgramTest::importNumbers(const std::string& hash, int items) {
  std::string lines;
  for (int i = 0; i < items; ++i)
    lines += "{\"key\":\"k" + std::to_string(i) + "\",\"value\":" + std::to_string(i) + "}\n";
  ASSERT_EQ(run({"import", hash, "-", "--page-size", "4"}, lines).exitCode, 0);
}

void ProgramTest::useConfig(const std::string& json) {
  writeFile("config.json", json);
  environment["HEXPAGE_CONFIG"] = "config.json";
}

std::string ProgramTest::contentOf(const std::string& file) const {
  std::ifstream in(directory_ / file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

void ProgramTest::writeFile(const std::string& file, const std::string& content) const {
  std::ofstream out(directory_ / file, std::ios::binary);
  out << content;
  ASSERT_TRUE(out.flush()) << file;
}

}  // namespace hexpage::cli_test
