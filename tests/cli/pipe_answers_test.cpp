// `pipe` as another program's partner, which waits for each answer before it asks again.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hexpage/storage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <string>
#include <utility>

namespace hexpage::testing {
namespace {

class Partner {
 public:
  explicit Partner(const std::string& data) {
    int in[2], out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) throw std::runtime_error("pipe");
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      for (const int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      ::execl(HEXPAGE_PROGRAM, "hexpage", "--data", data.c_str(), "pipe", nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }
  ~Partner() {
    ::close(to_);
    ::close(from_);
    if (process_ > 0) endBy(SIGKILL);
  }

  // Gives the status of the process.
  int endBy(int signal) {
    int status = 0;
    ::kill(process_, signal);
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return status;
  }

  // One line, or what there is of it when no more comes within ten seconds.
  std::string answer() {
    std::string line;
    for (;;) {
      pollfd waiting{from_, POLLIN, 0};
      char c;
      if (::poll(&waiting, 1, 10'000) != 1 || ::read(from_, &c, 1) != 1 || c == '\n') return line;
      line += c;
    }
  }
  std::string ask(const std::string& line) {
    const std::string sent = line + "\n";
    EXPECT_EQ(::write(to_, sent.data(), sent.size()), static_cast<ssize_t>(sent.size()));
    return answer();
  }

 private:
  int to_, from_;
  pid_t process_;
};

TEST(PipeAnswers, ComeBeforeTheNextLine) {
  // Failed once: a line was answered when the next one came, so that a partner that waits hung.
  const TempDir dir;
  Partner partner((dir.path() / "data").string());
  EXPECT_TRUE(partner.answer().starts_with("READY 1 "));
  EXPECT_EQ(partner.ask(R"(PUT "users" "ann" {"age":41})"), "OK 1");
  EXPECT_EQ(partner.ask(R"(GET "users" "ann")"), R"(OK {"age":41})");
  EXPECT_EQ(partner.ask("QUIT"), "OK");
}

class PipeSignals : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Each, PipeSignals, ::testing::Values(SIGTERM, SIGINT, SIGHUP));

TEST_P(PipeSignals, LeaveWhatWasAcknowledgedAndNothingOfAnOpenTransaction) {
  const TempDir dir;
  const std::string data = (dir.path() / "data").string();
  Partner partner(data);
  EXPECT_TRUE(partner.answer().starts_with("READY 1 "));
  EXPECT_EQ(partner.ask(R"(PUT "users" "ann" 1)"), "OK 1");
  EXPECT_EQ(partner.ask(R"(BEGIN "users" "audit")"), "OK");
  EXPECT_EQ(partner.ask(R"(PUT "users" "bob" 2)"), "OK 1");
  EXPECT_EQ(partner.ask(R"(PUT "audit" "1" "bob")"), "OK 1");
  const int status = partner.endBy(GetParam());
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + GetParam());
  Storage storage = Storage::open({{"filesystem", {{"base_dir", data}}}});
  EXPECT_EQ(storage.hashGetAll("users"), (Json{{"ann", 1}}));
  EXPECT_EQ(storage.list(), std::vector<std::string>{"users"});
}

}  // namespace
}  // namespace hexpage::testing
