// Random damage to a store of the binary engine that was closed: with verifyReads no read gives a
// wrong value or finds nothing where something was, whatever happened to whichever file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <hexpage/error.hpp>
#include <hexpage/kv.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>

#include "binary/shared_state.hpp"
#include "tests/support/files.hpp"
#include "tests/support/random.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::kv {
namespace {

namespace fs = std::filesystem;
using testing::Random;
using testing::readFile;
using testing::writeFile;
using Files = std::map<std::string, std::string>;

// HEXPAGE_ROUNDS=10000 for long.
std::uint64_t rounds() {
  const char* const asked = std::getenv("HEXPAGE_ROUNDS");
  return asked == nullptr ? 150 : std::strtoull(asked, nullptr, 10);
}

// What was done, in words.
std::string damage(std::string& bytes, Random& random) {
  const std::size_t at = random.below(bytes.size());
  const std::size_t size = 1 + random.below(std::min<std::size_t>(bytes.size() - at, 5'000));
  const std::string where = " at " + std::to_string(at) + " of " + std::to_string(bytes.size());
  switch (random.below(6)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ 1 << random.below(8));
      return "a bit flipped" + where;
    case 1:
      for (std::size_t i = at; i < at + size; ++i) bytes[i] = static_cast<char>(random.below(256));
      return std::to_string(size) + " random bytes" + where;
    case 2:
      bytes.replace(at, size, size, '\0');
      return std::to_string(size) + " zeros" + where;
    case 3:
      bytes.replace(at, size, bytes.substr(random.below(bytes.size() - size + 1), size));
      return std::to_string(size) + " bytes of another place" + where;
    case 4:
      bytes.erase(at, size);
      return std::to_string(size) + " bytes left out" + where;
    default:
      bytes.resize(at);
      return "cut" + where;
  }
}

struct BinaryDamage : ::testing::Test {
  BinaryDamage() {
    options.segmentBytes = 64 << 10;
    Random random(1);
    {
      Database store = open();
      for (int i = 0; i < 500; ++i) {
        const std::string key = std::to_string(random.below(200));
        if (random.oneIn(4)) {
          store.erase(key);
          model.erase(key);
        } else {
          store.set(key, model[key] = std::string(random.below(900), static_cast<char>(i)));
        }
        if (i % 100 == 99) store.checkpoint();
      }
    }
    for (const auto& entry : fs::directory_iterator(path()))
      files[entry.path().filename()] = readFile(entry.path());
    options.verifyReads = VerifyReads::First;
  }

  fs::path path() const { return dir.path() / "store"; }
  Database open() { return Database::open(path().string(), options); }

  void expectNothingWrong() {
    try {
      const Database store = open();
      for (int i = 0; i < 200; ++i) {
        const std::string key = std::to_string(i);
        const auto known = model.find(key);
        try {
          const auto found = store.get(key);
          ASSERT_EQ(found.has_value(), known != model.end()) << key;
          if (found) {
            ASSERT_EQ(*found, known->second) << key;
          }
        } catch (const Error& error) {
          ASSERT_TRUE(error.code() == Code::Corrupt || error.code() == Code::Io) << error.what();
        }
      }
      Cursor cursor = store.cursor();
      while (const auto entry = cursor.next())
        ASSERT_EQ(entry->value, model.at(std::string(entry->key)));
    } catch (const Error& error) {
      ASSERT_NE(error.code(), Code::NoSpace) << error.what();
    }
  }

  testing::TempDir dir;
  Options options;
  std::map<std::string, std::string> model;
  Files files;
};

TEST_F(BinaryDamage, NeverReadsAsAnotherValue) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE(::testing::Message() << "HEXPAGE_SEED=" << seed);
  Random random(seed);
  for (std::uint64_t round = 0; round < rounds(); ++round) {
    fs::remove_all(path());
    Files damaged = files;
    const bool hasIndex = !random.oneIn(3);
    if (!hasIndex) damaged.erase("index");
    auto victim = damaged.begin();
    do {
      victim =
          std::next(damaged.begin(), static_cast<std::ptrdiff_t>(random.below(damaged.size())));
    } while (victim->first == "lock");  // not of the disk but of the running processes
    const std::string what = damage(victim->second, random);
    for (const auto& [name, bytes] : damaged) writeFile(path() / name, bytes);
    SCOPED_TRACE(::testing::Message() << "round " << round << ", " << victim->first << ": " << what
                                      << (hasIndex ? "" : ", no index"));
    expectNothingWrong();
    if (HasFatalFailure()) return;
  }
}

// One bit of a record that is not the last one.
struct ADamagedRecord : ::testing::Test {
  ADamagedRecord() {
    {
      Database store = open();
      for (const char* key : {"before", "damaged", "after"})
        store.set(key, "value of " + std::string(key));
    }
    std::string log = readFile(dir.path() / "log.000001");
    log[log.find("value of damaged")] ^= 1;
    writeFile(dir.path() / "log.000001", log);
  }
  Database open() { return Database::open(dir.string(), options); }
  static void expectCorrupt(const Database& store) {
    try {
      store.get("damaged");
      FAIL() << "it was believed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::Corrupt);
      EXPECT_THAT(error.what(), ::testing::HasSubstr("log.000001: the frame around byte "));
    }
  }

  testing::TempDir dir;
  Options options;
};

TEST_F(ADamagedRecord, IsNotReadUnlessThatIsAskedFor) {
  for (const VerifyReads when : {VerifyReads::First, VerifyReads::Always}) {
    options.verifyReads = when;
    const Database store = open();
    for (int i = 0; i < 2; ++i) {
      expectCorrupt(store);
      EXPECT_EQ(store.get("before"), "value of before");
      EXPECT_EQ(store.get("after"), "value of after");
    }
  }
  options.verifyReads = VerifyReads::Never;
  EXPECT_EQ(open().get("damaged"), "walue of damaged");
}

TEST_F(ADamagedRecord, IsCheckedEachTimeWhenThatIsAskedFor) {
  options.verifyReads = VerifyReads::Always;
  const Database store = open();
  EXPECT_EQ(store.get("after"), "value of after");
  std::string log = readFile(dir.path() / "log.000001");
  const std::size_t at = log.find("value of after");
  const auto writeByte = [&](char byte) {
    std::fstream file(dir.path() / "log.000001");
    file.seekp(static_cast<std::streamoff>(at)).put(byte);
  };
  writeByte('V');
  EXPECT_THROW(store.get("after"), Error);
  writeByte('v');
  EXPECT_EQ(store.get("after"), "value of after");
}

// Went wrong: the log was said to be damaged, and the file that was not named.
TEST_F(ADamagedRecord, IsNotTheOnlyThingThatMakesAnEndWrong) {
  std::string lock = readFile(dir.path() / "lock");
  lock[offsetof(SharedPage, committed) + 2] ^= 1;
  writeFile(dir.path() / "lock", lock);
  try {
    open();
    FAIL() << "it was believed";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::Corrupt);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("/lock says"));
  }
}

// Reads come to so many places that more around each is read and checked at once.
TEST_F(ADamagedRecord, IsTheOnlyOneThatIsNotReadAmongMany) {
  constexpr int kMany = 40'000;
  const auto valueOf = [](int i) { return std::to_string(i) + std::string(200, 'x'); };
  {
    Database store = Database::open((dir.path() / "many").string(), options);
    for (int i = 0; i < kMany; ++i) store.set(std::to_string(i), valueOf(i));
  }
  const fs::path file = dir.path() / "many/log.000001";
  std::string log = readFile(file);
  log[log.find(valueOf(kMany / 2)) + 50] ^= 1;
  writeFile(file, log);
  const Database store = Database::open((dir.path() / "many").string(), options);
  for (int n = 0, i = 0; n < kMany; ++n, i = (i + 7'919) % kMany) {
    const std::string key = std::to_string(i);
    if (i == kMany / 2)
      EXPECT_EQ(testing::failureOf([&] { store.get(key); }), Code::Corrupt);
    else
      ASSERT_EQ(store.get(key), valueOf(i)) << i;
  }
}

// Went wrong: the transaction was in the log, but whoever applied it looked at the damaged record.
TEST_F(ADamagedRecord, CanBeWrittenAnew) {
  {
    Database store = open();
    store.set("damaged", "mended");
    EXPECT_EQ(store.get("damaged"), "mended");
    store.set("after", "changed");
    EXPECT_EQ(store.get("after"), "changed");
  }
  Database store = open();
  EXPECT_EQ(store.get("damaged"), "mended");
  EXPECT_EQ(store.get("before"), "value of before");
  store.erase("damaged");
  expectCorrupt(store);
}

}  // namespace
}  // namespace hexpage::kv
