// doctor: what the place of a store can keep.
#include <sys/stat.h>

#include <hexpage/types.hpp>

#include "tests/cli/program_runner.hpp"

namespace hexpage::cli_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Doctor : public ProgramTest {};

TEST_F(Doctor, HasALineForEachThingThatItTried) {
  const Outcome outcome = run({"doctor"});
  for (const char* name : {"permissions", "exchange", "locks", "leases", "checksums", "sync"})
    EXPECT_THAT(outcome.out, HasSubstr(std::string("  ") + name)) << name;
  const bool allHold = outcome.out.find("NO  ") == std::string::npos;
  EXPECT_EQ(outcome.exitCode, allHold ? 0 : 1) << outcome.out;
  EXPECT_FALSE(std::filesystem::exists(directory() / "data")) << "it makes no store";
}

TEST_F(Doctor, NoticesADirectoryThatEverybodyMayWriteTo) {
  std::filesystem::create_directory(directory() / "data");
  ASSERT_EQ(::chmod((directory() / "data").c_str(), 0777), 0);
  const Outcome shared = run({"doctor", "--json"});
  EXPECT_EQ(shared.exitCode, 1);
  EXPECT_THAT(shared.out, HasSubstr(R"({"name":"permissions","holds":false,)"));
  for (std::size_t at = 0, end; (end = shared.out.find('\n', at)) != std::string::npos;
       at = end + 1)
    EXPECT_TRUE(Json::accept(shared.out.substr(at, end - at)));
  EXPECT_EQ(run({"put", "users", "ann", "1"}).exitCode, 2);
  const Outcome allowed = run({"--set", "filesystem.allow_shared_directory=true", "doctor"});
  EXPECT_THAT(allowed.out, Not(HasSubstr("NO  permissions")));
}

TEST_F(Doctor, TriesWhatABinaryStoreNeeds) {
  const Outcome outcome = run({"--backend", "binary", "doctor"});
  for (const char* name : {"permissions", "local", "reserve", "mapping", "locks", "sync", "room"})
    EXPECT_THAT(outcome.out, HasSubstr(std::string("  ") + name)) << name;
  EXPECT_THAT(outcome.out, Not(HasSubstr("exchange")));
  EXPECT_FALSE(std::filesystem::exists(directory() / "data.bin")) << "it makes no store";
}

TEST_F(Doctor, HasNothingToSayOfAStoreInMemory) {
  const Outcome outcome = run({"--backend", "memory", "doctor"});
  EXPECT_EQ(outcome.exitCode, 0);
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace hexpage::cli_test
