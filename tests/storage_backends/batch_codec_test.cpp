// Batches as bytes: back as they were, and nothing else taken for one.
#include "support/batch_codec.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/bytes.hpp"
#include "tests/support/random.hpp"
#include "tests/support/refused.hpp"

namespace hexpage {
namespace {

using testing::isRefused;
using testing::Random;

Expires randomTime(Random& random) {
  return std::numeric_limits<Expires>::max() >> random.below(63);
}

Change randomChange(Random& random) {
  const std::string path = random.oneIn(3) ? "users" : "hashes/" + random.word();
  const std::string text(random.oneIn(9) ? 20'000 : random.below(200), 'x');
  switch (random.below(8)) {
    case 0:
      return Create{path, text};
    case 1:
      return Put{path, random.word(), text, random.oneIn(2) ? 0 : randomTime(random)};
    case 2:
      return Remove{path, random.word()};
    case 3:
      return Clear{path};
    case 4:
      return Drop{path};
    case 5:
      return Rename{path, random.word()};
    case 6:
      return PutRecord{path, text};
    default:
      return EraseRecord{path};
  }
}

Batch randomBatch(Random& random) {
  Batch batch;
  for (std::size_t n = random.below(8); n > 0; --n) batch.changes.push_back(randomChange(random));
  return batch;
}

// Each change as one text, to compare by.
std::vector<std::string> spelled(const Batch& batch) {
  struct Speller {
    std::string operator()(const Create& c) { return "create " + c.path + " " + c.options; }
    std::string operator()(const Put& c) {
      return "put " + c.path + " " + c.key + " " + c.text + " " + std::to_string(c.expires);
    }
    std::string operator()(const Remove& c) { return "remove " + c.path + " " + c.key; }
    std::string operator()(const Clear& c) { return "clear " + c.path; }
    std::string operator()(const Drop& c) { return "drop " + c.path; }
    std::string operator()(const Rename& c) { return "rename " + c.from + " " + c.to; }
    std::string operator()(const PutRecord& c) { return "put record " + c.path + " " + c.text; }
    std::string operator()(const EraseRecord& c) { return "erase record " + c.path; }
  };
  std::vector<std::string> all;
  for (const Change& change : batch.changes) all.push_back(std::visit(Speller{}, change));
  return all;
}

TEST(BatchCodec, GivesBackAnyBatch) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 500; ++i) {
    const Batch batch = randomBatch(random);
    EXPECT_EQ(spelled(decodeBatch(encode(batch))), spelled(batch));
  }
}

TEST(BatchCodec, ThePathOfTheChangeBeforeIsNotRepeated) {
  Batch batch;
  batch.add(Put{"users", "k1", "1"}).add(Put{"users", "k2", "2"}).add(Remove{"other", "k"});
  EXPECT_EQ(encode(batch), std::string("\x01\x03"
                                       "\x02\x05users\x02k1\x01"
                                       "1"
                                       "\x82\x02k2\x01"
                                       "2"
                                       "\x03\x05other\x01k"));
}

TEST(BatchCodec, APutThatExpiresHasAKindOfItsOwn) {
  Batch batch;
  batch.add(Put{"users", "k", "1", 300});
  EXPECT_EQ(encode(batch), std::string("\x01\x01"
                                       "\x09\x05users\x01k\x01"
                                       "1"
                                       "\xac\x02"));
}

TEST(BatchCodec, AnIdleChangeIsLeftOutForWhoFollows) {
  Batch batch;
  batch.add(Create{"users", "{}"}).add(Put{"users", "k", "1"}).add(Remove{"users", "none"});
  const std::string bytes = encode(batch, {true, false, true});
  EXPECT_EQ(spelled(decodeBatch(bytes)), spelled(batch));
  EXPECT_EQ(spelled(decodeChanges(bytes)), spelled(Batch().add(Put{"users", "k", "1"})));
}

TEST(BatchCodec, CutAnywhereIsRefused) {
  Batch batch;
  batch.add(Create{"a", "{}"})
      .add(Put{"a", "k", "1", 300})
      .add(Put{"a", "k", std::string(200, 'x')})
      .add(Rename{"a", "b"});
  const std::string whole = encode(batch);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(isRefused([&] { decodeBatch(whole.substr(0, size)); })) << size;
  EXPECT_TRUE(isRefused([&] { decodeBatch(whole + '\0'); }));
}

TEST(BatchCodec, DamagedDoesNoHarm) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = encode(randomBatch(random));
    for (std::size_t n = 1 + random.below(3); n > 0; --n)
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    isRefused([&] { decodeBatch(bytes); });
  }
}

TEST(BatchCodec, RefusesWhatItDoesNotKnow) {
  const std::string huge = "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  for (const std::string& bytes :
       {std::string("\x02\x00", 2), std::string("\x01\x01\x0a\x01p"), std::string("\x01\x01\x84"),
        std::string("\x01\x01\x09\x01p\x01k\x01"
                    "1\x00",
                    10),
        std::string("\x01\x01\x09\x01p\x01k\x01"
                    "1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        std::string("\x01\x01\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), huge})
    EXPECT_TRUE(isRefused([&] { decodeBatch(bytes); }));
}

TEST(Bytes, NumbersOfEverySize) {
  for (int bit = 0; bit < 64; ++bit)
    for (const std::uint64_t value : {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit}) {
      std::string bytes;
      putVarint(bytes, value);
      EXPECT_EQ(bytes.size(), varintSize(value));
      putU64(bytes, value);
      ByteReader reader(bytes, "numbers");
      EXPECT_EQ(reader.varint(), value);
      EXPECT_EQ(reader.u64(), value);
      reader.end();
    }
}

}  // namespace
}  // namespace hexpage
