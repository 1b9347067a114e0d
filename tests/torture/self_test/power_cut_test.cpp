// The states that a recorded log may leave: what must be in them, and that programs which forget a
// sync are found out.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <hexpage/testing/contract/temp_dir.hpp>

#include "tests/support/files.hpp"
#include "tests/torture/child.hpp"
#include "tests/torture/power_loss/image.hpp"
#include "tests/torture/power_loss/power_cut.hpp"
#include "tests/torture/power_loss/recorder.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

using testing::Random;
using testing::TempDir;

// Calls of a program, without checks: what fails shows in the states.
void write(const std::string& file, const std::string& text, bool syncs) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (::write(fd, text.data(), text.size()) < 0) ::_exit(9);
  if (syncs) ::fdatasync(fd);
  ::close(fd);
}

void sync(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ::fsync(fd);
  ::close(fd);
}

class PowerCut : public ::testing::Test {
 protected:
  // The log of a program that works in the directory; it acknowledges by its own Progress.
  Log log(const std::function<void(Progress&)>& program) {
    const auto progress = makeShared<Progress>();
    Progress* const own = progress.get();
    const pid_t child = startChild(*progress, std::chrono::seconds(20), [&] {
      awaitTracer();
      showRecorded();
      program(*own);
    });
    Recorded recorded = record(dir_.string(), {&child, 1}, {&own, 1});
    EXPECT_EQ(failureOf(recorded.statuses[0], *own).value_or(""), "");
    return std::move(recorded.log);
  }

  // The text of each file by its name, in one of the states.
  using Files = std::map<std::string, std::string>;
  static Files files(const TreeImage& tree) {
    const TempDir dir;
    writeTree(tree, dir.string());
    return testing::visibleFiles(dir.path());
  }

  // All states of many cuts.
  static void eachState(const Log& log,
                        const std::function<void(const Files&, const Mark&)>& visit) {
    Random random(1);
    for (std::size_t cut = 0; cut <= log.entries.size(); ++cut)
      for (std::size_t n = 0; n < 2 * kPolicies; ++n)
        visit(files(afterCut(log, cut, policyOf(n), random)), log.marksAt(cut)[0]);
  }

  // How many states break the promise: `file` is old or new, and new once that was acknowledged.
  static std::size_t countBroken(const Log& log, const std::string& before,
                                 const std::string& after) {
    std::size_t broken = 0;
    eachState(log, [&](const Files& found, const Mark& mark) {
      const auto file = found.find("file");
      const std::string text = file == found.end() ? "nothing" : file->second;
      const bool isRight = text == after || (text == before && mark.acknowledged == 0);
      broken += isRight ? 0 : 1;
    });
    return broken;
  }

  std::string file(const std::string& name) const { return dir_.string() + "/" + name; }

  TempDir dir_;
};

TEST_F(PowerCut, KeepsWhatWasThereBefore) {
  testing::writeFile(file("folder/a"), "old");
  const Log unchanged = log([](Progress&) {});
  eachState(unchanged, [](const Files& found, const Mark&) {
    EXPECT_EQ(found, (Files{{"folder/a", "old"}}));
  });
}

TEST_F(PowerCut, WithAllKeptIsWhatIsThere) {
  const Log all = log([&](Progress&) {
    ::mkdir(file("d").c_str(), 0700);
    write(file("d/a"), "one", false);
    write(file("b"), std::string(3000, 'b'), true);
    ::renameat2(AT_FDCWD, file("b").c_str(), AT_FDCWD, file("d/a").c_str(), RENAME_EXCHANGE);
    ::link(file("b").c_str(), file("c").c_str());
    ::unlink(file("b").c_str());
    const int fd = ::open(file("d/a").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (::write(fd, "more", 4) != 4 || ::ftruncate(fd, 3002) != 0) ::_exit(9);
  });
  Random random(1);
  const Policy kept{Policy::Names::Kept, Policy::Contents::Kept};
  EXPECT_EQ(files(afterCut(all, all.entries.size(), kept, random)),
            testing::visibleFiles(dir_.path()));
  EXPECT_EQ(files(afterCut(all, all.entries.size(), kept, random)),
            (Files{{"c", "one"}, {"d/a", std::string(3000, 'b') + "mo"}}));
}

// The right way to replace a file, and each way to get it wrong.
struct Steps {
  bool syncsFile = true;
  bool syncsName = true;
};

void replace(const std::string& directory, const std::string& text, Steps steps) {
  write(directory + "/next", text, steps.syncsFile);
  ::rename((directory + "/next").c_str(), (directory + "/file").c_str());
  if (steps.syncsName) sync(directory);
}

TEST_F(PowerCut, FindsAForgottenSync) {
  const std::string before(700, 'o'), after(1500, 'n');
  const auto brokenWith = [&](Steps steps) {
    testing::writeFile(file("file"), before);
    const Log one = log([&](Progress& progress) {
      replace(dir_.string(), after, steps);
      progress.acknowledged = 1;
    });
    return countBroken(one, before, after);
  };
  EXPECT_EQ(brokenWith({}), 0u);
  EXPECT_GT(brokenWith({.syncsFile = false}), 0u);
  EXPECT_GT(brokenWith({.syncsName = false}), 0u);
}

TEST_F(PowerCut, FindsAnOverwriteInPlace) {
  const std::string before(1500, 'o'), after(1500, 'n');
  testing::writeFile(file("file"), before);
  const Log torn = log([&](Progress& progress) {
    const int fd = ::open(file("file").c_str(), O_WRONLY | O_CLOEXEC);
    if (::pwrite(fd, after.data(), after.size(), 0) < 0 || ::fdatasync(fd) != 0) ::_exit(9);
    progress.acknowledged = 1;
  });
  EXPECT_GT(countBroken(torn, before, after), 0u);
}

TEST_F(PowerCut, ASyncOfTheFileSystemKeepsAll) {
  const Log synced = log([&](Progress& progress) {
    ::mkdir(file("d").c_str(), 0700);
    write(file("d/a"), "text", false);
    const int fd = ::open(dir_.string().c_str(), O_RDONLY | O_CLOEXEC);
    ::syncfs(fd);
    progress.acknowledged = 1;
  });
  eachState(synced, [](const Files& found, const Mark& mark) {
    if (mark.acknowledged == 1) {
      EXPECT_EQ(found, (Files{{"d/a", "text"}}));
    }
  });
}

}  // namespace
}  // namespace hexpage::torture
