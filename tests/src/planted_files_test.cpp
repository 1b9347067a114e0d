// What somebody has planted in the place of a store's own files: it is not followed, not waited for
// and not written into.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <hexpage/hexpage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>

#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

namespace fs = std::filesystem;

enum class Planted { Fifo, LinkToFile, LinkToFolder, HardLink, Folder };

constexpr unsigned kPatience = 60;  // seconds, after which the child is killed

class PlantedFiles : public ::testing::TestWithParam<StoreKind> {
 protected:
  PlantedFiles() {
    fs::create_directory(outside_);
    std::ofstream(victim_) << "somebody else's";
  }

  bool isInMemory() const { return GetParam().backend == "memory"; }

  Storage open(bool isReadOnly = false) const {
    Json config = GetParam().config(data_.string());
    if (isInMemory()) config["memory"] = {{"save_to", (data_ / "saved").string()}};
    config["lock_timeout"] = 1000;
    if (isReadOnly) config["read_only"] = true;
    return Storage::open(config);
  }

  void makeStore() const {
    fs::remove_all(data_);
    if (isInMemory()) fs::create_directory(data_);
    Storage storage = open();
    storage.hashPut("users", "ann", 1);
    storage.put("record", 1);
  }

  // Those of the store itself, and the names under which it makes new ones.
  std::vector<fs::path> ownFiles() const {
    std::vector<fs::path> own;
    for (const auto& entry : fs::recursive_directory_iterator(data_)) {
      const fs::path file = fs::relative(entry.path(), data_);
      if (entry.is_regular_file() && file.extension() != ".json") own.push_back(file);
    }
    for (std::size_t i = own.size(); i-- > 0;) own.push_back(own[i].string() + ".new");
    if (GetParam().name == "binary") own.insert(own.end(), {"log.000002", "locks"});
    return own;
  }

  // Those that a store keeps files of its own in.
  std::vector<fs::path> ownFolders() const {
    std::vector<fs::path> own;
    for (const auto& entry : fs::recursive_directory_iterator(data_))
      if (entry.is_directory() && isOwn(entry.path()))
        own.push_back(fs::relative(entry.path(), data_));
    return own;
  }

  // Not those of hashes, in which files of JSON lie.
  static bool isOwn(const fs::path& folder) {
    return std::ranges::none_of(fs::recursive_directory_iterator(folder), [](const auto& entry) {
      return entry.path().extension() == ".json";
    });
  }

  void plant(Planted what, const fs::path& file) const {
    const fs::path place = data_ / file;
    fs::remove_all(place);
    switch (what) {
      case Planted::Fifo:
        ASSERT_EQ(::mkfifo(place.c_str(), 0600), 0);
        return;
      case Planted::LinkToFile:
        return fs::create_symlink(victim_, place);
      case Planted::LinkToFolder:
        return fs::create_directory_symlink(outside_, place);
      case Planted::HardLink:
        return fs::create_hard_link(victim_, place);
      case Planted::Folder:
        fs::create_directory(place);
    }
  }

  // All that a program does with a store. Each step works or is refused, for the planted file.
  void use(bool isReadOnly, const std::string& planted) const {
    const auto tried = [&](const auto& step) {
      try {
        step();
      } catch (const Error& error) {
        if (isReadOnly && error.code() == Code::ReadOnly) return;
        EXPECT_THAT(error.what(), ::testing::HasSubstr(planted));
      }
    };
    tried([&] {
      Storage storage = open(isReadOnly);
      tried([&] { storage.hashGet("users", "ann"); });
      tried([&] { storage.hashPut("users", "bob", 2); });
      tried([&] { storage.hashPut("others", "eve", 3); });
      tried([&] { storage.sync(); });
      tried([&] { storage.verify(); });
      tried([&] { storage.compact(); });
    });
  }

  static std::string contentOf(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void expectOutsideUntouched() const {
    EXPECT_EQ(contentOf(victim_), "somebody else's");
    EXPECT_EQ(std::distance(fs::directory_iterator(outside_), fs::directory_iterator()), 1);
  }

  void useInChild(bool isReadOnly, const std::string& planted) const {
    Process([&](const Line&) {
      ::alarm(kPatience);
      use(isReadOnly, planted);
    }).expectSuccess();
  }

  void plantAt(Planted what, const std::vector<fs::path>& places) const {
    for (const fs::path& file : places)
      for (const bool isReadOnly : {false, true}) {
        SCOPED_TRACE(file.string() + (isReadOnly ? ", read only" : ""));
        makeStore();
        plant(what, file);
        useInChild(isReadOnly, file.filename().string());
        expectOutsideUntouched();
      }
  }

  void plantEverywhere(Planted what) const {
    makeStore();
    plantAt(what, ownFiles());
  }

  void plantInPlaceOfFolders(Planted what) const {
    makeStore();
    plantAt(what, ownFolders());
  }

  // A copy of the store by hard links, as `cp -al` makes it: by path, what is in each file.
  std::map<fs::path, std::string> copyByHardLinks() const {
    std::map<fs::path, std::string> copied;
    fs::remove_all(copy_);
    fs::create_directory(copy_);
    for (const auto& entry : fs::recursive_directory_iterator(data_)) {
      const fs::path place = copy_ / fs::relative(entry.path(), data_);
      if (entry.is_directory()) {
        fs::create_directory(place);
      } else {
        fs::create_hard_link(entry.path(), place);
        copied[place] = contentOf(place);
      }
    }
    return copied;
  }

  TempDir dir_;
  const fs::path data_ = dir_.path() / "data";
  const fs::path outside_ = dir_.path() / "outside";
  const fs::path victim_ = outside_ / "victim";
  const fs::path copy_ = dir_.path() / "copy";
};

// A FIFO in the place of a log of the binary backend was waited for, and so was one in the place of
// what a store in memory is saved to, or in the place of a new one of it.
TEST_P(PlantedFiles, AFifoIsNotWaitedFor) { plantEverywhere(Planted::Fifo); }
TEST_P(PlantedFiles, ALinkToAFileIsNotFollowed) { plantEverywhere(Planted::LinkToFile); }
// The locks of the binary backend were made where it led.
TEST_P(PlantedFiles, ALinkToAFolderIsNotFollowed) { plantEverywhere(Planted::LinkToFolder); }
// What a store in memory is saved to was written into one that lay in the place of a new one of it.
TEST_P(PlantedFiles, AHardLinkIsNotWrittenInto) { plantEverywhere(Planted::HardLink); }
TEST_P(PlantedFiles, AFolderIsNoFile) { plantEverywhere(Planted::Folder); }
TEST_P(PlantedFiles, ALinkToAFolderIsNoFolderOfItsOwn) {
  plantInPlaceOfFolders(Planted::LinkToFolder);
}
TEST_P(PlantedFiles, AFileIsNoFolderOfItsOwn) { plantInPlaceOfFolders(Planted::HardLink); }
TEST_P(PlantedFiles, AFifoIsNoFolderOfItsOwn) { plantInPlaceOfFolders(Planted::Fifo); }

TEST_P(PlantedFiles, ACopyByHardLinksStaysAsItWas) {
  makeStore();
  const std::map<fs::path, std::string> copied = copyByHardLinks();
  ASSERT_FALSE(copied.empty());
  useInChild(false, "has 2 names (hard links)");
  for (const auto& [file, content] : copied) EXPECT_EQ(contentOf(file), content) << file;
}

INSTANTIATE_TEST_SUITE_P(Stores, PlantedFiles,
                         ::testing::Values(rawFiles(), md5Files(), binaryStore(), inMemory()),
                         storeName);

}  // namespace
}  // namespace hexpage::testing
