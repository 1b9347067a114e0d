// A directory of its own for one test, removed with all that is in it at the end. It lies below the
// directory that HEXPAGE_TEST_DIR names, else in memory where the system has a place for that,
// since the tests make very many small files, else where temporary files are.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace hexpage::testing {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (parent() / "hexpage.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
    path_ = pattern;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  // Swallows what can not be removed: the test has its result already.
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::string string() const { return path_.string(); }

 private:
  static std::filesystem::path parent() {
    if (const char* named = std::getenv("HEXPAGE_TEST_DIR")) return named;
    const char* const inMemory = "/dev/shm";
    if (::access(inMemory, W_OK | X_OK) == 0) return inMemory;
    return std::filesystem::temp_directory_path();
  }

  std::filesystem::path path_;
};

}  // namespace hexpage::testing
