// When a part of a journal is given up: (4) of journaled_store.hpp.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <hexpage/storage.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <string>

#include "support/fd.hpp"
#include "support/leases.hpp"

namespace hexpage::torture {
namespace {

namespace fs = std::filesystem;
using hexpage::testing::TempDir;

constexpr std::uint32_t kSlotsOfAStore = 2049;
constexpr std::uintmax_t kMiB = std::uintmax_t{1} << 20;

std::uintmax_t journalBytes(const fs::path& store) {
  std::uintmax_t bytes = 0;
  for (const auto& file : fs::directory_iterator(store / ".hexpage/journals"))
    bytes += file.file_size();
  return bytes;
}

// Each takes two MiB of the journal: the put, and the page that it is placed by.
void put(Storage& storage, int n) {
  storage.hashPut("h", "k" + std::to_string(n % 8),
                  std::string(kMiB, static_cast<char>('a' + n % 26)));
  storage.sync();
}

// What another process's unfinished flush may be placed over is all kept; then it is given up.
TEST(JournalTurns, AreKeptWhileAnOlderFlushIsInFlightAnywhere) {
  const TempDir dir;
  const fs::path store = dir.path() / "store";
  Storage storage =
      Storage::open({{"sync_interval", 1}, {"filesystem", {{"base_dir", store.string()}}}});
  const Fd own(::open((store / ".hexpage").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Leases other(own.get(), kSlotsOfAStore, {});
  other.start();
  other.beginStamp();
  int n = 0;
  while (n < 55) put(storage, n++);
  EXPECT_GT(journalBytes(store), 100 * kMiB);  // three turns' worth
  other.endStamp();
  while (journalBytes(store) > 80 * kMiB && n < 120) put(storage, n++);
  EXPECT_LT(n, 120);
}

}  // namespace
}  // namespace hexpage::torture
