// Paths: what is normalised how, and what is refused.
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

// What normalizeKey of pixl-server-storage 4.2.2 makes of ASCII paths, taken by calling it: the
// path, the result with lower_case_keys true (the default) and false. Only paths that are valid
// here.
struct Vector {
  const char* named;
  const char* lower;
  const char* asIs;
};
constexpr Vector kVectors[] = {
    {"-", "-", "-"},
    {"_", "_", "_"},
    {"a", "a", "a"},
    {"A", "a", "A"},
    {"Users", "users", "Users"},
    {"users/Bob", "users/bob", "users/Bob"},
    {"/users//bob/", "users/bob", "users/bob"},
    {"//a", "a", "a"},
    {"a//", "a", "a"},
    {"a.b/c", "a.b/c", "a.b/c"},
    {"key with spaces", "keywithspaces", "keywithspaces"},
    {"tab\tnl\n", "tabnl", "tabnl"},
    {"a:b*c?d\"e<f>g|h", "abcdefgh", "abcdefgh"},
    {"a\\b", "ab", "ab"},
    {"%2F", "2f", "2F"},
    {"constructor", "constructor", "constructor"},
    {"__proto__", "__proto__", "__proto__"},
    {"_temp", "_temp", "_temp"},
    {"C|x", "cx", "Cx"},
};

// More of them that the reference takes and that are refused here: nothing is left, a segment
// begins with a dot, or the end is an extension, which makes a binary record there.
constexpr const char* kRefused[] = {
    "", "/", " ", ".", "..", "a/b/../c", "../../etc/passwd", "a.b", "x.JSON", "+=&#@!"};

class Paths : public ::testing::Test {
 protected:
  TestStore lower_{inMemory()};
  TestStore asIs_{inMemory(), {{"lower_case_keys", false}}};

  std::string refusal(const std::string& path) {
    EXPECT_EQ(failureOf([&] { lower_->hashPut(path, "k", 1); }), Code::InvalidArgument) << path;
    EXPECT_TRUE(lower_->list().empty()) << path;
    return messageOf([&] { lower_->put(path, 1); });
  }
};

TEST_F(Paths, AreNormalisedAsInTheReference) {
  for (const auto& [named, lower, asIs] : kVectors) {
    EXPECT_EQ(lower_->hashCreate(named).path, lower);
    EXPECT_EQ(asIs_->hashCreate(named).path, asIs);
    EXPECT_TRUE(lower_->has(lower)) << named;
    EXPECT_TRUE(asIs_->has(asIs)) << named;
  }
}

TEST_F(Paths, OfWhichTheReferenceMakesTroubleAreRefused) {
  for (const char* path : kRefused) EXPECT_FALSE(refusal(path).empty()) << path;
}

TEST_F(Paths, OfDifferentSpellingsAreOne) {
  lower_->hashPut("/Users//Of Yore/", "k", 1);
  EXPECT_EQ(lower_->hashGet("users/ofyore", "k"), 1);
  EXPECT_EQ(lower_->hashes().front().path, "users/ofyore");
}

TEST_F(Paths, KeepTheirCaseWhenAsked) {
  asIs_->hashPut("Users", "k", 1);
  EXPECT_FALSE(asIs_->has("users"));
  EXPECT_EQ(asIs_->list(), std::vector<std::string>{"Users"});
}

TEST_F(Paths, BeyondAsciiAreRefused) {
  for (const char* path : {"\u00e9", "北京", "😀", "a\u00a0b", "\xff"})
    EXPECT_NE(refusal(path).find("ASCII"), std::string::npos) << path;
}

TEST_F(Paths, OutOfTheDirectoryAreRefused) {
  for (const char* path : {"../escape", "a/../../b", "a/..", "..", "./a", "a/./b", "/../a",
                           ".hexpage", "a/.hidden", "a/.. /b", "..\\a"})
    EXPECT_FALSE(refusal(path).empty()) << path;
}

TEST_F(Paths, WithAnExtensionAreRefusedAndInTheMiddleTaken) {
  for (const char* path : {"users.json", "a/b.txt", "v1.2", "a.b_c", "a.B"})
    EXPECT_NE(refusal(path).find("extension"), std::string::npos) << path;
  lower_->hashCreate("users.v2/x");
  lower_->hashCreate("users.");
  lower_->hashCreate("a.-");
  EXPECT_EQ(lower_->list(), (std::vector<std::string>{"a.-", "users.", "users.v2/x"}));
}

TEST_F(Paths, MayHaveSegmentsOf240Characters) {
  const std::string longest(240, 's');
  EXPECT_FALSE(refusal(longest + "s").empty());
  EXPECT_FALSE(refusal("a/" + longest + "s/b").empty());
  lower_->hashCreate(longest + "/" + longest);
  EXPECT_TRUE(lower_->has(longest + "/" + longest));
}

TEST_F(Paths, MayHave1024Characters) {
  std::string path;
  for (int n = 0; n < 512; ++n) path += "a/";
  path.pop_back();
  EXPECT_EQ(lower_->hashCreate(path).path.size(), 1023u);
  lower_->hashDeleteAll(path, true);
  EXPECT_EQ(lower_->hashCreate(path + "b").path.size(), 1024u);
  lower_->hashDeleteAll(path + "b", true);
  EXPECT_FALSE(refusal(path + "bc").empty());
}

// Each of the longest names is a file here.
TEST(PathsOnDisk, TheLongestSegmentIsAFile) {
  TestStore store(rawFiles());
  const std::string longest(240, 's');
  store->hashPut(longest, "k", 1);
  store.reopen();
  EXPECT_EQ(store->hashGet(longest, "k"), 1);
  expectClean(store->verify());
}

// Every call has the same rule.
TEST_F(Paths, AreCheckedByEveryCall) {
  const std::string bad = "../x";
  Storage& s = *lower_;
  s.hashPut("ok", "k", 1);
  const auto ignore = [](const std::string&, const Json&) {};
  const std::vector<std::function<void()>> calls{[&] { s.hashCreate(bad); },
                                                 [&] { s.hashGetInfo(bad); },
                                                 [&] { s.hashSetPageSize(bad, 5); },
                                                 [&] {
                                                   s.hashPutMulti(bad, {{"a", 1}});
                                                 },
                                                 [&] { s.hashPutText(bad, "k", "1"); },
                                                 [&] { s.hashGet(bad, "k"); },
                                                 [&] { s.hashFind(bad, "k"); },
                                                 [&] { s.hashHas(bad, "k"); },
                                                 [&] { s.hashGetMulti(bad, {"k"}); },
                                                 [&] { s.hashGetAll(bad); },
                                                 [&] {
                                                   s.hashUpdate(bad, "k", {{"a", 1}});
                                                 },
                                                 [&] {
                                                   s.hashMerge(bad, "k", {{"a", 1}});
                                                 },
                                                 [&] { s.hashDelete(bad, "k"); },
                                                 [&] { s.hashDeleteMulti(bad, {"k"}); },
                                                 [&] { s.hashDeleteAll(bad); },
                                                 [&] { s.hashCopy("ok", bad); },
                                                 [&] { s.hashCopy(bad, "ok"); },
                                                 [&] { s.hashRename("ok", bad); },
                                                 [&] { s.hashRename(bad, "ok"); },
                                                 [&] { s.hashEach(bad, ignore); },
                                                 [&] { s.hashItems(bad).begin(); },
                                                 [&] { s.put(bad, 1); },
                                                 [&] { s.get(bad); },
                                                 [&] { s.find(bad); },
                                                 [&] { s.has(bad); },
                                                 [&] { s.erase(bad); },
                                                 [&] { s.copy("ok", bad); },
                                                 [&] { s.rename(bad, "ok"); },
                                                 [&] { s.layout(bad); },
                                                 [&] { s.adopt(bad); }};
  for (std::size_t n = 0; n < calls.size(); ++n)
    EXPECT_EQ(failureOf(calls[n]), Code::InvalidArgument) << "call " << n;
  EXPECT_EQ(s.hashGet("ok", "k"), 1);
}

}  // namespace
}  // namespace hexpage::testing
