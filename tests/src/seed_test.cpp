// The documentation's own example, byte for byte: hash `users`, page_size 10, eleven keys.
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

struct User {
  const char* key;
  const char* name;
  int age;
};

// The keys in the order in which the documentation puts them. It tells the documents of the first
// three and of ecummings; the others have some of the same shape.
constexpr User kUsers[] = {
    {"bsanders", "Bernie", 75}, {"hclinton", "Hillary", 68}, {"dtrump", "Donald", 70},
    {"asmith", "Alice", 41},    {"bhenry", "Bob", 37},       {"crooster", "Carl", 29},
    {"darment", "Dora", 33},    {"ecummings", "Eric", 54},   {"fhollister", "Fay", 61},
    {"gsangrias", "Gus", 48},   {"hpostit", "Hal", 22}};

class Seed : public ::testing::Test {
 protected:
  void putUsers(std::size_t count) {
    store_->hashCreate("users", {{"page_size", 10}});
    for (std::size_t n = 0; n < count; ++n)
      store_->hashPut("users", kUsers[n].key, {{"name", kUsers[n].name}, {"age", kUsers[n].age}});
  }

  static std::string page(const std::string& items, int length) {
    return R"({"type":"hash_page","length":)" + std::to_string(length) + R"(,"items":{)" + items +
           "}}";
  }

  static std::map<std::string, std::string> elevenUsers() {
    return {{"users.json", R"({"page_size":10,"length":11,"type":"hash"})"},
            {"users/data.json", R"({"type":"hash_index"})"},
            {"users/data/0.json", page(R"("bhenry":{"name":"Bob","age":37})", 1)},
            {"users/data/1.json", page(R"("dtrump":{"name":"Donald","age":70})", 1)},
            {"users/data/3.json", page(R"("bsanders":{"name":"Bernie","age":75},)"
                                       R"("ecummings":{"name":"Eric","age":54})",
                                       2)},
            {"users/data/5.json", page(R"("darment":{"name":"Dora","age":33})", 1)},
            {"users/data/6.json", page(R"("hpostit":{"name":"Hal","age":22})", 1)},
            {"users/data/8.json", page(R"("gsangrias":{"name":"Gus","age":48})", 1)},
            {"users/data/9.json", page(R"("asmith":{"name":"Alice","age":41})", 1)},
            {"users/data/c.json", page(R"("fhollister":{"name":"Fay","age":61})", 1)},
            {"users/data/e.json", page(R"("hclinton":{"name":"Hillary","age":68},)"
                                       R"("crooster":{"name":"Carl","age":29})",
                                       2)}};
  }

  TestStore store_{rawFiles()};
};

TEST_F(Seed, ThreeUsersAreAHeaderAndAPage) {
  putUsers(3);
  store_.close();
  const std::map<std::string, std::string> expected{
      {"users.json", R"({"page_size":10,"length":3,"type":"hash"})"},
      {"users/data.json", page(R"("bsanders":{"name":"Bernie","age":75},)"
                               R"("hclinton":{"name":"Hillary","age":68},)"
                               R"("dtrump":{"name":"Donald","age":70})",
                               3)}};
  EXPECT_EQ(visibleFiles(store_.dir()), expected);
}

TEST_F(Seed, TheEleventhUserMakesTheTree) {
  putUsers(11);
  store_.close();
  EXPECT_EQ(visibleFiles(store_.dir()), elevenUsers());
}

TEST_F(Seed, OneBatchMakesTheSameFiles) {
  Json users = Json::object();
  for (const User& user : kUsers) users[user.key] = {{"name", user.name}, {"age", user.age}};
  store_->hashPutMulti("users", users, {.create = {{"page_size", 10}}});
  store_.close();
  EXPECT_EQ(visibleFiles(store_.dir()), elevenUsers());
}

TEST_F(Seed, NoOtherDirectoryIsMade) {
  putUsers(11);
  store_.close();
  std::vector<std::string> directories;
  for (const std::string& name : visibleTree(store_.dir()))
    if (name.ends_with('/')) directories.push_back(name);
  EXPECT_EQ(directories, (std::vector<std::string>{"users/", "users/data/"}));
}

TEST_F(Seed, PrettyIsAsTheDocumentationShowsIt) {
  TestStore store(prettyFiles());
  store->hashCreate("users", {{"page_size", 10}});
  store->hashPut("users", "bsanders", {{"name", "Bernie"}, {"age", 75}});
  store->hashPut("users", "ecummings", {{"name", "Eric"}, {"age", 54}});
  store.close();
  const std::map<std::string, std::string> expected{
      {"users.json", "{\n\t\"page_size\": 10,\n\t\"length\": 2,\n\t\"type\": \"hash\"\n}"},
      {"users/data.json",
       "{\n\t\"type\": \"hash_page\",\n\t\"length\": 2,\n\t\"items\": {\n"
       "\t\t\"bsanders\": {\n\t\t\t\"name\": \"Bernie\",\n\t\t\t\"age\": 75\n\t\t},\n"
       "\t\t\"ecummings\": {\n\t\t\t\"name\": \"Eric\",\n\t\t\t\"age\": 54\n\t\t}\n\t}\n}"}};
  EXPECT_EQ(visibleFiles(store.dir()), expected);
}

}  // namespace
}  // namespace hexpage::testing
