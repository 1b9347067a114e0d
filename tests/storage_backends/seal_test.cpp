// Checksums beside the files: what matches, and what is told apart from what was never sealed.
#include "filesystem/seal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <hexpage/error.hpp>

#include "filesystem/posix.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage {
namespace {

using testing::TempDir;
using testing::writeFile;

constexpr std::string_view kText = R"({"type":"hash_page","length":0,"items":{}})";

class Sealed : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = Fd(::open(dir_.string().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!canSeal(directory_.get(), ".")) GTEST_SKIP() << dir_.string() << " has no attributes";
    write(kText);
    ASSERT_TRUE(seals_.write(fd_.get(), "users/data", kText, std::nullopt, "f"));
  }

  void write(std::string_view text) {
    writeFile(dir_.path() / "f", std::string(text));
    fd_ = Fd(::open((dir_.path() / "f").c_str(), O_RDWR | O_CLOEXEC));
  }
  SealState state(std::string_view path = "users/data", std::string_view text = kText,
                  const Seals& seals = Seals(7)) const {
    return seals.check(fd_.get(), path, text, "f").state;
  }
  std::string attribute() const {
    std::string value(100, '\0');
    const ssize_t size = ::fgetxattr(fd_.get(), "user.hexpage", value.data(), value.size());
    value.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return value;
  }
  void setAttribute(const std::string& value) const {
    ASSERT_EQ(::fsetxattr(fd_.get(), "user.hexpage", value.data(), value.size(), 0), 0);
  }

  TempDir dir_;
  Fd directory_;
  Fd fd_;
  const Seals seals_{7};
};

TEST_F(Sealed, MatchesItsContentPathAndStoreOnly) {
  EXPECT_EQ(state(), SealState::Ok);
  std::string flipped(kText);
  flipped[10] ^= 1;
  EXPECT_EQ(state("users/data", flipped), SealState::Damaged);
  EXPECT_EQ(state("users/data", kText.substr(1)), SealState::Damaged);
  EXPECT_EQ(state("users/data", ""), SealState::Damaged);
  EXPECT_EQ(state("users/data/1"), SealState::Damaged);
  EXPECT_EQ(state("users/data", kText, Seals(7 + (std::uint64_t{1} << 32))), SealState::Damaged);
}

TEST_F(Sealed, AFileOfAnotherProgramIsUnknown) {
  std::filesystem::remove(dir_.path() / "f");
  write(kText);
  EXPECT_EQ(state(), SealState::Unknown);
  EXPECT_EQ(state("other", "anything"), SealState::Unknown);
}

TEST_F(Sealed, AFileOfAnotherStoreIsUnknown) {
  EXPECT_EQ(state("users/data", kText, Seals(8)), SealState::Unknown);
}

TEST_F(Sealed, EachFlippedBitOfTheSealIsNoticed) {
  const std::string whole = attribute();
  ASSERT_EQ(whole.size(), 24u);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] ^= static_cast<char>(1 << bit % 8);
    setAttribute(flipped);
    // The seal of another version, or of another store, is not for this one to judge.
    const bool isOthers = bit < 8 || (bit >= 32 && bit < 64);
    EXPECT_EQ(state(), isOthers ? SealState::Unknown : SealState::Damaged) << bit;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    setAttribute(whole.substr(0, size));
    EXPECT_EQ(state(), SealState::Damaged) << size;
  }
}

TEST_F(Sealed, TellsTheChildrenOfAnIndex) {
  EXPECT_EQ(seals_.check(fd_.get(), "users/data", kText, "f").children, std::nullopt);
  for (const std::uint16_t children : {0x0000, 0x0001, 0x8000, 0xa5f0}) {
    ASSERT_TRUE(seals_.write(fd_.get(), "users/data", kText, children, "f"));
    EXPECT_EQ(seals_.check(fd_.get(), "users/data", kText, "f").children, children);
  }
}

// docs/format.md shows this one.
TEST_F(Sealed, IsAsItIsDescribed) {
  const std::string index = R"({"type":"hash_index"})";
  ASSERT_TRUE(Seals(0x1234).write(fd_.get(), "users/data", index, 0x536b, "f"));
  std::string hex;
  for (const unsigned char byte : attribute()) {
    hex += "0123456789abcdef"[byte / 16];
    hex += "0123456789abcdef"[byte % 16];
  }
  EXPECT_EQ(hex, "01016b5334120000ec812fb380ed905e652bf0d5837cd966");
}

TEST_F(Sealed, MovesAsGoodOrAsBadAsItWas) {
  seals_.move(fd_.get(), fd_.get(), "users/data", "people/data", "f");
  EXPECT_EQ(state("people/data"), SealState::Ok);
  EXPECT_EQ(state("users/data"), SealState::Damaged);
  EXPECT_EQ(state("people/data", "{}"), SealState::Damaged);
  seals_.move(fd_.get(), fd_.get(), "users/data", "b/data", "f");  // not what it says that it is
  EXPECT_EQ(state("b/data"), SealState::Damaged);
  Seals::remove(fd_.get(), "f");
  seals_.move(fd_.get(), fd_.get(), "people/data", "b/data", "f");
  EXPECT_EQ(state("b/data"), SealState::Unknown);
}

TEST_F(Sealed, IsReadWithTheContent) {
  const auto read = readSealed(directory_.get(), "f", "users/data", seals_);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, kText);
  EXPECT_EQ(read->seal.state, SealState::Ok);
  write("{}");  // by hand, in the same file
  EXPECT_EQ(readSealed(directory_.get(), "f", "users/data", seals_)->seal.state,
            SealState::Damaged);
  EXPECT_FALSE(readSealed(directory_.get(), "g", "users/data", seals_));
}

}  // namespace
}  // namespace hexpage
