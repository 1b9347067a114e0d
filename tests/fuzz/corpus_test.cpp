// Every input of the corpora, and of each some hundred mutations that are always the same. An input
// that once broke a promise stays in its corpus for good.
#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>

#include "targets.hpp"
#include "tests/support/files.hpp"
#include "tests/support/random.hpp"

namespace hexpage::fuzz {

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

namespace {

namespace fs = std::filesystem;

class Corpus : public ::testing::TestWithParam<Target> {
 protected:
  std::vector<std::string> inputs() const {
    std::vector<std::string> all = GetParam().seeds();
    const fs::path corpus = fs::path(HEXPAGE_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
    if (fs::exists(corpus))
      for (const fs::directory_entry& entry : fs::directory_iterator(corpus))
        all.push_back(testing::readFile(entry.path()));
    return all;
  }

  static void flipBits(std::string& bytes, testing::Random& random) {
    for (std::size_t n = 1 + random.below(3); n > 0 && !bytes.empty(); --n)
      bytes[random.below(bytes.size())] ^= static_cast<char>(1U << random.below(8));
  }
};

TEST_P(Corpus, BreaksNoPromise) {
  ASSERT_FALSE(inputs().empty());
  for (const std::string& input : inputs())
    ASSERT_NO_THROW(GetParam().run(input)) << input.substr(0, 200);
}

TEST_P(Corpus, BreaksNoPromiseWhenCut) {
  for (const std::string& input : inputs())
    for (std::size_t n = 0; n < input.size(); n += 1 + input.size() / 64)
      ASSERT_NO_THROW(GetParam().run(std::string_view(input).substr(0, n))) << n;
}

TEST_P(Corpus, BreaksNoPromiseWhenBitsFlip) {
  testing::Random random(1);
  for (const std::string& input : inputs())
    for (int n = 0; n < 100; ++n) {
      std::string bytes = input;
      flipBits(bytes, random);
      ASSERT_NO_THROW(GetParam().run(bytes)) << bytes.substr(0, 200);
    }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, ::testing::ValuesIn(targets()),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace hexpage::fuzz
