// Who may read and write what a store makes, whatever the umask, and where it makes nothing.
#include <sys/stat.h>

#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"
#include "tests/support/umask.hpp"

namespace hexpage::testing {
namespace {

namespace fs = std::filesystem;

mode_t modeOf(const fs::path& file) {
  struct stat status {};
  EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
  return status.st_mode & 0777;
}

void expectModes(const fs::path& dir, mode_t file, mode_t directory) {
  EXPECT_EQ(modeOf(dir), directory) << dir;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(dir))
    EXPECT_EQ(modeOf(entry.path()), entry.is_directory() ? directory : file) << entry.path();
}

Json settings(const fs::path& dir, Json section = Json::object()) {
  section["base_dir"] = dir.string();
  return {{"sync_interval", 0}, {"filesystem", section}};
}

// Pages, indexes, headers, records, spares, a quarantine, and what lies under .hexpage.
void useAll(const Json& config) {
  Storage storage = Storage::open(config);
  for (int n = 0; n < 40; ++n)
    storage.hashPut("a/h", "key" + std::to_string(n), n, {.create = {{"page_size", 5}}});
  storage.hashCopy("a/h", "b/h");
  storage.put("c/record", 1);
  storage.put("c/record", 2);
  storage.hashDeleteAll("b/h", true);
  storage.sync();
}

TEST(Permissions, AreTheOwnersAloneWhateverTheUmask) {
  for (const mode_t mask : {0000, 0022, 0777}) {
    const TempDir dir;
    const Umask umask(mask);
    for (const bool isRaw : {true, false}) {
      const fs::path store = dir.path() / "new" / (isRaw ? "raw" : "md5");
      useAll(settings(store, {{"raw_file_paths", isRaw}}));
      expectModes(store, 0600, 0700);
    }
    EXPECT_EQ(modeOf(dir.path() / "new"), 0700u);
  }
}

TEST(Permissions, AreWhatTheConfigSays) {
  const TempDir dir;
  const Umask umask(0077);
  useAll(settings(dir.path() / "data", {{"file_mode", "0664"}, {"directory_mode", "0775"}}));
  expectModes(dir.path() / "data", 0664, 0775);
}

Json binarySettings(const fs::path& dir, Json section = Json::object()) {
  section["base_dir"] = dir.string();
  return {{"backend", "binary"}, {"sync_interval", 0}, {"binary", section}};
}

// The log, the index, the locks, and what a repair keeps aside.
void useBinary(const Json& config, const fs::path& dir) {
  {
    Storage storage = Storage::open(config);
    for (int n = 0; n < 40; ++n) storage.hashPut("a/h", "key" + std::to_string(n), n);
  }
  std::string log = readFile(dir / "log.000001");
  log[100] ^= 1;
  writeFile(dir / "log.000001", log);
  Storage::open(config).repair();
}

// Went wrong: the files of a binary store were open to whom the umask let in.
TEST(Permissions, OfABinaryStoreAreTheOwnersAloneWhateverTheUmask) {
  for (const mode_t mask : {0000, 0022, 0777}) {
    const TempDir dir;
    const Umask umask(mask);
    const fs::path store = dir.path() / "new" / "data";
    useBinary(binarySettings(store), store);
    EXPECT_TRUE(fs::exists(store / "quarantine/log.000001"));
    expectModes(store, 0600, 0700);
    EXPECT_EQ(modeOf(dir.path() / "new"), 0700u);
  }
}

TEST(Permissions, OfABinaryStoreAreWhatTheConfigSays) {
  const TempDir dir;
  const Umask umask(0077);
  const fs::path store = dir.path() / "data";
  useBinary(binarySettings(store, {{"file_mode", "0664"}, {"directory_mode", "0775"}}), store);
  expectModes(store, 0664, 0775);
}

// Went wrong: what a store in memory is saved to was open to whom the umask let in.
TEST(Permissions, OfASavedStoreInMemoryAreTheOwnersAloneWhateverTheUmask) {
  for (const mode_t mask : {0000, 0022, 0777}) {
    const TempDir dir;
    const Umask umask(mask);
    const std::string file = (dir.path() / "saved").string();
    Storage storage = Storage::open({{"backend", "memory"}, {"memory", {{"save_to", file}}}});
    storage.put("a", 1);
    storage.sync();
    EXPECT_EQ(modeOf(file), 0600u);
    EXPECT_EQ(modeOf(file + ".lock"), 0600u);
  }
}

// What is written next goes into the file that was there.
TEST(Permissions, OfAnOldFileAreNotTakenOver) {
  const TempDir dir;
  Storage storage = Storage::open(settings(dir.path() / "data"));
  storage.put("a", 1);
  fs::permissions(dir.path() / "data/a.json", fs::perms(0666));
  for (int n = 0; n < 4; ++n) storage.put("a", n);
  EXPECT_EQ(modeOf(dir.path() / "data/a.json"), 0600u);
}

TEST(Permissions, ADirectoryThatOthersMayWriteToIsRefused) {
  const TempDir dir;
  const fs::path store = dir.path() / "data";
  fs::create_directory(store);
  for (const mode_t mode : {0720, 0702, 01777}) {
    ASSERT_EQ(::chmod(store.c_str(), mode), 0);
    const auto refused = errorOf([&] { Storage::open(settings(store)); });
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code(), Code::InvalidArgument);
    EXPECT_NE(std::string(refused->what()).find("allow_shared_directory"), std::string::npos);
    EXPECT_TRUE(fs::is_empty(store));
    useAll(settings(store, {{"allow_shared_directory", true}}));
    fs::remove_all(store);
    fs::create_directory(store);
  }
  ASSERT_EQ(::chmod(store.c_str(), 0770), 0);
  EXPECT_TRUE(errorOf([&] { Storage::open(settings(store)); }));
  useAll(settings(store, {{"directory_mode", "0770"}}));
}

// A store that was opened for reading only was not looked at.
TEST(Permissions, ADirectoryThatOthersMayWriteToIsNotReadEither) {
  const TempDir dir;
  const fs::path store = dir.path() / "data";
  Storage::open(settings(store)).put("a", 1);
  ASSERT_EQ(::chmod(store.c_str(), 0707), 0);
  Json config = settings(store);
  config["read_only"] = true;
  EXPECT_EQ(failureOf([&] { Storage::open(config); }), Code::InvalidArgument);
  config["filesystem"]["allow_shared_directory"] = true;
  EXPECT_EQ(Storage::open(config).get("a"), 1);
}

TEST(Permissions, OfABinaryStoresDirectoryAreLookedAtToo) {
  const TempDir dir;
  const fs::path store = dir.path() / "data";
  Json config = {{"backend", "binary"}, {"binary", {{"base_dir", store.string()}}}};
  const auto expectRefused = [&] {
    const auto refused = errorOf([&] { Storage::open(config); });
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code(), Code::InvalidArgument);
    EXPECT_NE(std::string(refused->what()).find("binary.allow_shared_directory"),
              std::string::npos);
  };
  fs::create_directory(store);
  ASSERT_EQ(::chmod(store.c_str(), 0770), 0);
  expectRefused();
  EXPECT_TRUE(fs::is_empty(store));
  config["binary"]["allow_shared_directory"] = true;
  Storage::open(config).put("a", 1);
  config["read_only"] = true;
  EXPECT_EQ(Storage::open(config).get("a"), 1);
  config["binary"].erase("allow_shared_directory");
  expectRefused();
  ASSERT_EQ(::chmod(store.c_str(), 0755), 0);
  EXPECT_EQ(Storage::open(config).get("a"), 1);
}

TEST(Permissions, OfWhatIsKeptAsideAreWhatTheConfigSays) {
  const TempDir dir;
  const fs::path store = dir.path() / "data";
  Json config = settings(store, {{"file_mode", "0640"}, {"directory_mode", "0750"}});
  config["sync_interval"] = 3'600'000;
  Storage storage = Storage::open(config);
  storage.hashPut("users", "ann", 1);
  storage.sync();
  storage.hashPut("users", "ann", 2);
  fs::remove(store / "users/data.json");
  writeFile(store / "users/data.json", R"({"type":"hash_page","length":0,"items":{}})");
  storage.sync();
  EXPECT_TRUE(fs::exists(store / ".hexpage/conflicts/users_data.json"));
  expectModes(store, 0640, 0750);
}

TEST(Permissions, ThatAreNoneOrLockTheOwnerOutAreRefused) {
  for (const char* mode : {"", "x", "888", "07777", "0400", "0077", "-600", "600 "})
    for (const char* member : {"file_mode", "directory_mode"})
      for (const std::string section : {"filesystem", "binary"}) {
        const auto refused = errorOf([&] {
          Storage::checkConfig({{"backend", section}, {section, {{member, mode}}}});
        });
        ASSERT_TRUE(refused) << section << " " << member << " " << mode;
        EXPECT_NE(std::string(refused->what()).find(section + "." + member), std::string::npos);
      }
}

}  // namespace
}  // namespace hexpage::testing
