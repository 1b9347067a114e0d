// The config: what it may say, and that every mistake in it is told with the way out.
#include <cerrno>
#include <cstdlib>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class Config : public ::testing::Test {
 protected:
  std::string refusal(const Json& config) {
    EXPECT_EQ(failureOf([&] { Storage::open(config); }), Code::InvalidArgument) << config;
    return messageOf([&] { Storage::open(config); });
  }
  void expectSays(const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  std::string data() const { return (dir_.path() / "data").string(); }
  Json filesystem(const Json& more = Json::object()) const {
    Json section = {{"base_dir", data()}};
    section.update(more);
    return {{"backend", "filesystem"}, {"sync_interval", 0}, {"filesystem", section}};
  }

  TempDir dir_;
};

TEST_F(Config, MakesTheDirectory) {
  Storage storage = Storage::open(
      {{"backend", "filesystem"}, {"filesystem", {{"base_dir", data() + "/deep/er"}}}});
  storage.hashPut("users", "ann", 1);
  storage.sync();
  EXPECT_TRUE(std::filesystem::exists(data() + "/deep/er/users.json"));
}

TEST_F(Config, SetsThePageSizeOfNewHashes) {
  Storage storage = Storage::open({{"backend", "memory"}, {"hash_page_size", 7}});
  EXPECT_EQ(storage.hashCreate("users").pageSize, 7u);
}

TEST_F(Config, AnUnknownMemberIsToldWithTheNearestKnown) {
  expectSays(refusal({{"backend", "memory"}, {"hash_pagesize", 7}}), "hash_page_size");
  expectSays(refusal({{"backend", "memory"}, {"durabilty", "crash"}}), "durability");
  expectSays(refusal(filesystem({{"basedir", "x"}})), "base_dir");
  expectSays(refusal(filesystem({{"raw_file_path", true}})), "raw_file_paths");
}

TEST_F(Config, AMemberLikeNoOtherIsRefusedToo) {
  expectSays(refusal({{"backend", "memory"}, {"zzzzzzzzzzzz", 7}}), "zzzzzzzzzzzz");
}

TEST_F(Config, AnUnknownBackendIsToldWithTheKnown) {
  const std::string message = refusal({{"backend", "mamory"}});
  for (const char* part : {"mamory", "memory", "filesystem"}) expectSays(message, part);
}

TEST_F(Config, PageSizesOutOfRangeAreRefused) {
  for (const Json& size : std::vector<Json>{0, -1, 1.5, 1'000'001, "50", nullptr, Json::array()})
    expectSays(refusal({{"backend", "memory"}, {"hash_page_size", size}}), "hash_page_size");
}

TEST_F(Config, ValuesOfTheWrongKindAreRefused) {
  expectSays(refusal({{"backend", 5}}), "backend");
  expectSays(refusal({{"backend", "memory"}, {"lower_case_keys", "yes"}}), "lower_case_keys");
  expectSays(refusal({{"backend", "memory"}, {"lock_timeout", "1s"}}), "lock_timeout");
  expectSays(refusal({{"backend", "memory"}, {"durability", "always"}}), "durability");
  expectSays(refusal(filesystem({{"pretty", "yes"}})), "pretty");
  expectSays(refusal({{"backend", "filesystem"}, {"filesystem", "data"}}), "filesystem");
}

TEST_F(Config, AConfigThatIsNoObjectIsRefused) {
  for (const Json& config : std::vector<Json>{1, "memory", Json::array()}) refusal(config);
}

// The reference has 1 and 0 for true and false.
TEST_F(Config, FlagsMayBeNumbers) {
  Storage storage = Storage::open(filesystem({{"raw_file_paths", 1}, {"pretty", 0}}));
  storage.hashPut("users", "ann", 1);
  EXPECT_EQ(readFile(data() + "/users.json"), R"({"page_size":50,"length":1,"type":"hash"})");
}

TEST_F(Config, SectionsOfOtherBackendsAreLeftAlone) {
  Json config = filesystem();
  config["backend"] = "memory";
  Storage storage = Storage::open(config);
  storage.hashPut("users", "ann", 1);
  EXPECT_FALSE(std::filesystem::exists(data()));
}

TEST_F(Config, IsReadFromAFile) {
  const auto file = dir_.path() / "hexpage.json";
  writeFile(file, filesystem().dump());
  Storage::openFile(file.string()).hashPut("users", "ann", 1);
  EXPECT_TRUE(std::filesystem::exists(data() + "/users.json"));
}

TEST_F(Config, OfAFileThatIsMissingOrNoJsonNamesTheFile) {
  const auto file = (dir_.path() / "hexpage.json").string();
  EXPECT_EQ(failureOf([&] { Storage::openFile(file); }), Code::Io);
  expectSays(messageOf([&] { Storage::openFile(file); }), file);
  writeFile(file, "{");
  EXPECT_EQ(failureOf([&] { Storage::openFile(file); }), Code::InvalidArgument);
  expectSays(messageOf([&] { Storage::openFile(file); }), file);
}

TEST_F(Config, TheEnvironmentNamesTheDefaultFile) {
  const auto file = dir_.path() / "hexpage.json";
  writeFile(file, filesystem().dump());
  ASSERT_EQ(::setenv("HEXPAGE_CONFIG", file.c_str(), 1), 0);
  Storage::openFile().hashPut("users", "ann", 1);
  ASSERT_EQ(::unsetenv("HEXPAGE_CONFIG"), 0);
  EXPECT_TRUE(std::filesystem::exists(data() + "/users.json"));
  EXPECT_EQ(failureOf([] { Storage::openFile(); }), Code::InvalidArgument);
}

TEST_F(Config, OfTheOtherLayoutIsRefusedWithTheSetting) {
  { Storage::open(filesystem()).hashPut("users", "ann", 1); }
  expectSays(refusal(filesystem({{"raw_file_paths", false}})), "raw_file_paths");
  EXPECT_EQ(Storage::open(filesystem()).hashGet("users", "ann"), 1);
}

TEST_F(Config, OfTheRawLayoutOverAnMd5StoreIsRefused) {
  { Storage::open(filesystem({{"raw_file_paths", false}})).hashPut("users", "ann", 1); }
  expectSays(refusal(filesystem()), "raw_file_paths");
}

// As a store comes from Node: without a word of its layout.
TEST_F(Config, OfTheOtherLayoutIsSeenWithoutHexpagesOwnFiles) {
  { Storage::open(filesystem({{"raw_file_paths", false}})).hashPut("users", "ann", 1); }
  std::filesystem::remove_all(data() + "/.hexpage");
  expectSays(refusal(filesystem()), "raw_file_paths");
}

TEST_F(Config, OfOtherPathsIsRefusedWithTheSetting) {
  // Failed once: a store whose paths keep their case opened with the default, and missed all of
  // them.
  Json keepsCase = filesystem();
  keepsCase["lower_case_keys"] = false;
  { Storage::open(keepsCase).hashPut("Users", "ann", 1); }
  expectSays(refusal(filesystem()), "open it with \"lower_case_keys\": false");
  EXPECT_EQ(Storage::open(keepsCase).hashGet("Users", "ann"), 1);
}

TEST_F(Config, OfAStoreThatDoesNotTellItsPathsIsTakenAsGiven) {
  { Storage::open(filesystem()).hashPut("users", "ann", 1); }
  writeFile(data() + "/.hexpage/layout.json", R"({"format":1,"raw_file_paths":true})");
  Json keepsCase = filesystem();
  keepsCase["lower_case_keys"] = false;
  EXPECT_EQ(Storage::open(keepsCase).hashGet("users", "ann"), 1);
}

TEST_F(Config, IsCheckedWithoutOpening) {
  Storage::checkConfig(filesystem());
  EXPECT_FALSE(std::filesystem::exists(data()));
  EXPECT_EQ(failureOf([&] {
              Storage::checkConfig(filesystem({{"basedir", "x"}}));
            }),
            Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] {
              Storage::checkConfig(filesystem({{"cache", {{"maxbytes", 1}}}}));
            }),
            Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] {
              Storage::checkConfig({{"backend", "mamory"}});
            }),
            Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] {
              Storage::checkConfig({{"backend", "memory"}, {"memory", {{"x", 1}}}});
            }),
            Code::InvalidArgument);
}

TEST_F(Config, ADirectoryThatCanNotBeMadeIsIo) {
  writeFile(dir_.path() / "file", "x");
  const Json config = {{"backend", "filesystem"},
                       {"filesystem", {{"base_dir", (dir_.path() / "file/data").string()}}}};
  EXPECT_EQ(failureOf([&] { Storage::open(config); }), Code::Io);
  try {
    Storage::open(config);
  } catch (const Error& e) {
    EXPECT_EQ(e.systemCode(), ENOTDIR);
  }
}

TEST(Registry, ABackendOfOnesOwnIsKnownByName) {
  registerBackend("mine", [](const Json&, const CommonSettings&) {
    return makeBackend("memory", Json::object());
  });
  Storage storage = Storage::open({{"backend", "mine"}, {"mine", {{"x", 1}}}});
  storage.hashPut("users", "ann", 1);
  EXPECT_EQ(storage.hashGet("users", "ann"), 1);
}

TEST(Registry, ATakenNameIsRefused) {
  const auto factory = [](const Json&, const CommonSettings&) {
    return makeBackend("memory", Json::object());
  };
  EXPECT_EQ(failureOf([&] { registerBackend("memory", factory); }), Code::InvalidArgument);
  registerBackend("taken", factory);
  EXPECT_EQ(failureOf([&] { registerBackend("taken", factory); }), Code::InvalidArgument);
}

TEST(Registry, ACheckGetsTheSectionToo) {
  Json section;
  const auto factory = [](const Json&, const CommonSettings&) {
    return makeBackend("memory", Json::object());
  };
  registerBackend("checked", factory,
                  [&](const Json& given, const CommonSettings&) { section = given; });
  Storage::checkConfig({{"backend", "checked"}, {"checked", {{"a", 1}}}});
  EXPECT_EQ(section, (Json{{"a", 1}}));
  registerBackend("unchecked", factory);
  Storage::checkConfig({{"backend", "unchecked"}, {"unchecked", {{"a", 1}}}});
}

TEST(Registry, TheFactoryGetsItsSectionAndTheCommonSettings) {
  Json section;
  CommonSettings common;
  registerBackend("curious", [&](const Json& given, const CommonSettings& settings) {
    section = given;
    common = settings;
    return makeBackend("memory", Json::object());
  });
  Storage::open({{"backend", "curious"},
                 {"curious", {{"a", 1}}},
                 {"lock_timeout", 1234},
                 {"durability", "power"}});
  EXPECT_EQ(section, (Json{{"a", 1}}));
  EXPECT_EQ(common.lockTimeout, Millis{1234});
  EXPECT_EQ(common.durability, "power");
}

}  // namespace
}  // namespace hexpage::testing
