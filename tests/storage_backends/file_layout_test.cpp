// Which file holds which record, and a directory of another layout, which must never pass for an
// empty store.
#include "filesystem/file_layout.hpp"

#include <gtest/gtest.h>

#include <hexpage/error.hpp>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage {
namespace {

FileLayout md5(std::string prefix = "", bool namespaces = false, std::string keyTemplate = "") {
  return {false, std::move(prefix), namespaces, std::move(keyTemplate)};
}

TEST(FileLayout, NamesFilesAsTheReference) {
  EXPECT_EQ(FileLayout().fileOf("users/data/3"), "users/data/3.json");
  EXPECT_EQ(md5().fileOf("users"), "9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json");
  EXPECT_EQ(md5("", true).fileOf("users/data"),
            "users/a3/27/68/a327680cc9f6051e0c856b1420c7a765.json");
  EXPECT_EQ(md5("", true).fileOf("users"), "users/9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json");
  EXPECT_EQ(md5("app1").fileOf("users"), "app1/9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json");
  EXPECT_EQ(md5("", false, "##/##/[key]").fileOf("users/data"), "a3/27/users/data.json");
}

struct Opening {
  FileLayout written;
  FileLayout used;
  std::string hint;  // "" when it fits
};

TEST(FileLayout, RefusesTheFilesOfAnotherWithTheSettingsToUse) {
  const std::vector<Opening> openings = {
      {md5(), md5(), ""},
      {md5("app1"), md5("app1"), ""},
      {md5("", true), md5("", true), ""},
      {md5("app1", true), md5("app1", true), ""},
      {FileLayout(), FileLayout(), ""},
      {md5(), FileLayout(), R"("raw_file_paths":false,"key_prefix":"","key_namespaces":false)"},
      {FileLayout(), md5(), R"({"raw_file_paths":true})"},
      {md5("app1"), md5(), R"("key_prefix":"app1","key_namespaces":false)"},
      {md5("app1"), md5("app2"), R"("key_prefix":"app1","key_namespaces":false)"},
      {md5("", true), md5(), R"("key_prefix":"","key_namespaces":true)"},
      {md5(), md5("", true), R"("key_prefix":"","key_namespaces":false)"},
      {md5("app1", true), FileLayout(), R"("key_prefix":"app1","key_namespaces":true)"},
      {md5("", false, "##/##/[key]"), md5("", false, "##/##/[key]"), ""},
      {md5("", false, "[key]-##"), md5("", false, "[key]-##"), ""},
      {md5("app1", true, "x#/[md5]/[key]"), md5("app1", true, "x#/[md5]/[key]"), ""},
      {md5("", false, "##/##/[key]"), FileLayout(), R"("key_template":"##/##/[key]")"},
      {md5("", false, "##/##/[key]"), md5(), R"("key_template":"##/##/[key]")"},
      {md5("", false, "##/##/[key]"), md5("", false, "#/[key]"), R"("key_template":"##/##/[key]")"},
      {md5("", false, "##/##/[md5]"), FileLayout(), R"("key_template":"##/##/[md5]")"},
      {md5("", false, "##/##/[md5]"), md5("", false, "####/[md5]"), R"("##/##/[md5]")"},
      {md5("", true, "##/[key]"), FileLayout(),
       R"("key_prefix":"","key_namespaces":true,"key_template":"##/[key]")"},
      {md5("app1", true, "##/#/[key]"), md5("app1"),
       R"("key_prefix":"app1","key_namespaces":true,"key_template":"##/#/[key]")"},
      {md5("app1", false, "##/[key]"), FileLayout(),
       R"("key_prefix":"app1","key_namespaces":false,"key_template":"##/[key]")"},
      {md5(), md5("", false, "##/[key]"), R"("key_template":"")"},
      {FileLayout(), md5("", false, "##/[key]"), R"({"raw_file_paths":true})"},
  };
  for (std::size_t i = 0; i < openings.size(); ++i) {
    const testing::TempDir dir;
    for (const char* path : {"users", "users/data", "logs", "logs/data"})
      testing::writeFile(dir.path() / openings[i].written.fileOf(path), "{}");
    const std::string message =
        testing::messageOf([&] { checkLayout(dir.path().string(), openings[i].used); });
    if (openings[i].hint.empty())
      EXPECT_EQ(message, "") << i;
    else
      EXPECT_NE(message.find(openings[i].hint), std::string::npos) << i << ": " << message;
  }
}

TEST(FileLayout, PathsThatLookLikeDigestsAreStillPaths) {
  // MD5 of "users" begins with 9b, of "x/data" with something else.
  const testing::TempDir dir;
  for (const char* path : {"9b/users", "9b/users/data", "ab/x", "ab/x/data", "cafe",
                           "sessions/9bc65c2abec141778ffaa729489f3e87"})
    testing::writeFile(dir.path() / FileLayout().fileOf(path), "{}");
  EXPECT_EQ(testing::messageOf([&] { checkLayout(dir.path().string(), FileLayout()); }), "");
}

}  // namespace
}  // namespace hexpage
