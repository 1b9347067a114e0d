// The small pieces that backends share.
#include <gtest/gtest.h>
#include <array>
#include <set>
#include <string>

#include <atomic>
#include <hexpage/error.hpp>
#include <thread>

#include "support/digest.hpp"
#include "support/header.hpp"
#include "support/json_scanner.hpp"
#include "support/keyed_hash.hpp"
#include "support/local_locks.hpp"
#include "support/members.hpp"
#include "support/options.hpp"
#include "support/path_rules.hpp"
#include "support/siphash.hpp"
#include "support/utf8.hpp"

namespace hexpage {
namespace {

using namespace std::chrono_literals;

template <class Work>
std::string messageOf(Work work) {
  try {
    work();
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing thrown";
}

TEST(Digest, IsMd5InLowerCaseHex) {
  EXPECT_EQ(Digest::of("bsanders").hex(), "328cb5dbe722f89a329f8682a4de15d7");
  EXPECT_EQ(Digest::of("").hex(), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(Digest::of("ecummings").hex(2), "39");
  EXPECT_EQ(Digest::of("fhollister").digit(0), 12u);
}

TEST(SipHash, MatchesTheReferenceOfSipHash13) {
  // Key 00 01 .. 0f, message 00 01 .. 0e: from the authors' test program, with C=1 and D=3.
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string message;
  for (char c = 0; c < 15; ++c) message += c;
  EXPECT_EQ(sipHash("", key), 0xabac0158050fc4dcu);
  EXPECT_EQ(sipHash(message, key), 0xd320d86d2a519956u);
}

TEST(KeyedHash, SpreadsAlikeKeysAtBothEnds) {
  constexpr std::size_t kKeys = 16'384, kParts = 64;
  std::array<std::size_t, kParts> high{}, low{};
  for (std::size_t n = 0; n < kKeys; ++n) {
    const std::uint64_t hash = keyedHash("key" + std::to_string(n));
    ++high[hash >> 58];
    ++low[hash % kParts];
  }
  for (std::size_t part = 0; part < kParts; ++part) {
    EXPECT_NEAR(static_cast<double>(high[part]), kKeys / kParts, 110) << part;
    EXPECT_NEAR(static_cast<double>(low[part]), kKeys / kParts, 110) << part;
  }
}

TEST(KeyedHash, TellsTextsOfAnyLengthApart) {
  std::set<std::uint64_t> hashes;
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::string text(size, '\0');
    EXPECT_EQ(keyedHash(text), keyedHash(std::string(text)));
    EXPECT_TRUE(hashes.insert(keyedHash(text)).second) << size;
    for (std::size_t at = 0; at < size; ++at)
      for (const char c : {'\1', 'x', '\xff'}) {
        std::string other = text;
        other[at] = c;
        EXPECT_TRUE(hashes.insert(keyedHash(other)).second) << at << " of " << size;
      }
  }
}

TEST(KeyedHash, ComparesTextsOfAnyLength) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a'), copy(text);
    EXPECT_TRUE(areSame(text, copy)) << size;
    EXPECT_FALSE(areSame(text, text + 'a')) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_FALSE(areSame(text, other)) << at << " of " << size;
    }
  }
}

TEST(Utf8, IsToldAtAnyLength) {
  for (std::size_t size = 0; size <= 80; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(isUtf8(text));
    for (std::size_t at = 0; at < size; ++at) {
      std::string with = text;
      with[at] = '\xff';
      EXPECT_FALSE(isUtf8(with)) << at << " of " << size;
      with.replace(at, 1, "é");
      EXPECT_TRUE(isUtf8(with)) << at << " of " << size;
    }
  }
}

TEST(Header, IsWhatTheReferenceWrites) {
  EXPECT_EQ(Header::make(R"({"page_size":50})", Style::Compact).text(),
            R"({"page_size":50,"length":0,"type":"hash"})");
  EXPECT_EQ(Header::make(R"({"zz":1,"page_size":7,"aa":{},"length":55,"type":"zzz","5":1})",
                         Style::Compact)
                .text(),
            R"({"5":1,"zz":1,"page_size":7,"aa":{},"length":0,"type":"hash"})");
  EXPECT_EQ(Header::make(R"({"page_size":5})", Style::Pretty).text(),
            "{\n\t\"page_size\": 5,\n\t\"length\": 0,\n\t\"type\": \"hash\"\n}");
}

TEST(Header, ChangesItsLengthAndNothingElse) {
  Header header =
      *Header::parse(R"({ "page_size":"7", "n":1.10,"length":9,"type":"hash","length2":9})");
  header.setLength(100);
  EXPECT_EQ(header.text(),
            R"({ "page_size":"7", "n":1.10,"length":100,"type":"hash","length2":9})");
  header.setLength(3);
  EXPECT_EQ(header.text(), R"({ "page_size":"7", "n":1.10,"length":3,"type":"hash","length2":9})");
  EXPECT_EQ(header.pageSize(), 7u);
}

TEST(Header, TellsAHashFromOtherRecords) {
  EXPECT_FALSE(Header::parse("5"));
  EXPECT_FALSE(Header::parse(R"({"type":"list","length":3})"));
  EXPECT_THROW(Header::parse(R"({"type":"hash"})"), JsonError);
  EXPECT_THROW(Header::parse(R"({"type":"hash","length":)"), JsonError);
}

TEST(Header, PageSizesThatMakeNoSenseAreTheDefault) {
  for (const char* size : {"0", "-1", "null", "0.5", "\"abc\"", "true"})
    EXPECT_EQ(Header::parse(R"({"type":"hash","length":0,"page_size":)" + std::string(size) + "}")
                  ->pageSize(),
              kDefaultPageSize)
        << size;
}

TEST(Members, AreChangedOneByOne) {
  auto members = membersOf(R"({ "a" : 1.10, "\u0062":[ 1 ] })");
  memberNamed(members, "b").text = "2";
  memberNamed(members, "c").text = "3";
  EXPECT_EQ(objectOf(members), R"({"a":1.10,"\u0062":2,"c":3})");
  EXPECT_EQ(arrayOf(elementsOf("[ 1, [2 ,3] ]")), "[1,[2 ,3]]");
}

TEST(Options, RefusesUnknownMembersWithTheNearest) {
  Options options({{"raw_file_path", true}}, "filesystem");
  options.flag("raw_file_paths", false);
  options.flag("pretty", false);
  EXPECT_EQ(
      messageOf([&] { options.finish(); }),
      "config: unknown member filesystem.raw_file_path; did you mean filesystem.raw_file_paths?");
}

TEST(Options, SaysWhatAValueMayBe) {
  Options options({{"n", 0}, {"f", "yes"}, {"t", 5}, {"d", "slow"}}, "x");
  EXPECT_EQ(messageOf([&] { options.number("n", 5, 1, 9); }),
            "config: x.n must be a whole number from 1 to 9, not 0");
  EXPECT_EQ(messageOf([&] { options.flag("f", false); }),
            "config: x.f must be true or false, not \"yes\"");
  EXPECT_EQ(messageOf([&] { options.text("t", ""); }), "config: x.t must be a string, not 5");
  EXPECT_EQ(messageOf([&] {
              options.oneOf("d", "crash", {"crash", "power"});
            }),
            "config: x.d must be one of: crash, power, not \"slow\"");
}

TEST(PathRules, TellWhatLiesInsideAHash) {
  std::vector<std::string> hashes;
  anyEnclosing("a/data/b/data", [&](std::string_view hash) {
    hashes.emplace_back(hash);
    return false;
  });
  EXPECT_EQ(hashes, (std::vector<std::string>{"a", "a/data/b"}));
  EXPECT_FALSE(anyEnclosing("database/x", [](std::string_view) { return true; }));
  EXPECT_FALSE(anyEnclosing("a/data2", [](std::string_view) { return true; }));
}

TEST(PathRules, OrderAPathRightBeforeWhatIsBelowIt) {
  EXPECT_TRUE(pathLess("a", "a/b"));
  EXPECT_TRUE(pathLess("a/b", "a-b"));
  EXPECT_TRUE(pathLess("a/b", "a.b"));
  EXPECT_FALSE(pathLess("a", "a"));
}

TEST(LocalLocksThreads, AReaderWaitsBehindAWaitingWriter) {
  LocalLocks locks;
  Hold reader = locks.acquire(LockSpace::Writer, "h", LockMode::Shared, 1s);
  std::atomic<bool> written{false};
  std::thread writer([&] {
    const Hold held = locks.acquire(LockSpace::Writer, "h", LockMode::Exclusive, 10s);
    written = true;
  });
  // Once the writer waits, no other reader is let in: until then this one is.
  while (true) {
    try {
      locks.acquire(LockSpace::Writer, "h", LockMode::Shared, 0ms);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Code::LockTimeout);
      break;
    }
  }
  EXPECT_FALSE(written);
  reader.free();
  writer.join();
  EXPECT_TRUE(written);
}

TEST(LocalLocksThreads, WhoGivesUpLetsTheNextIn) {
  LocalLocks locks;
  const Hold reader = locks.acquire(LockSpace::Writer, "h", LockMode::Shared, 1s);
  std::thread writer([&] {
    EXPECT_THROW(locks.acquire(LockSpace::Writer, "h", LockMode::Exclusive, 50ms), Error);
  });
  writer.join();
  EXPECT_NO_THROW(locks.acquire(LockSpace::Writer, "h", LockMode::Shared, 0ms));
}

TEST(LocalLocksThreads, CountExactly) {
  LocalLocks locks;
  int counter = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const Hold held = locks.acquire(LockSpace::Writer, "counter", LockMode::Exclusive, 60s);
        ++counter;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter, 8000);
}

}  // namespace
}  // namespace hexpage
