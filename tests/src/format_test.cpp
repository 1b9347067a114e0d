// The files of a store: what is written is what the reference would write, and what somebody else
// wrote stays byte for byte around the value that changes.
#include "tests/support/files.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class Format : public ::testing::Test {
 protected:
  // What the closed store has in a file.
  std::string written(const std::string& file) {
    store_.close();
    std::string text = readFile(store_.dir() / file);
    store_.open();
    return text;
  }

  // Puts a store there as another program wrote it.
  void given(const std::map<std::string, std::string>& files) {
    store_.close();
    for (const auto& [file, text] : files) {
      std::filesystem::remove(store_.dir() / file);
      writeFile(store_.dir() / file, text);
    }
    store_.open();
  }

  std::string headerOf(const Json& options) {
    store_->hashCreate("h", options);
    const std::string header = written("h.json");
    store_->hashDeleteAll("h", true);
    return header;
  }

  TestStore store_{rawFiles()};
};

// The examples of what the reference makes of the caller's options.
TEST_F(Format, HeaderMembersKeepTheirPlaces) {
  EXPECT_EQ(headerOf(Json::object()), R"({"page_size":50,"length":0,"type":"hash"})");
  EXPECT_EQ(headerOf({{"page_size", 7}}), R"({"page_size":7,"length":0,"type":"hash"})");
  EXPECT_EQ(headerOf({{"zz", 1}}), R"({"zz":1,"page_size":50,"length":0,"type":"hash"})");
  EXPECT_EQ(headerOf({{"zz", 1},
                      {"page_size", 7},
                      {"aa", Json::object()},
                      {"length", 55},
                      {"type", "zzz"},
                      {"5", 1}}),
            R"({"5":1,"zz":1,"page_size":7,"aa":{},"length":0,"type":"hash"})");
}

TEST_F(Format, APageHasItsMembersInTheReferencesOrder) {
  store_->hashPut("h", "k", {{"b", 1}, {"a", Json::array({1.5, nullptr, "x"})}});
  EXPECT_EQ(written("h/data.json"),
            R"({"type":"hash_page","length":1,"items":{"k":{"b":1,"a":[1.5,null,"x"]}}})");
}

TEST_F(Format, FilesHaveNoLineEnd) {
  store_->hashPut("h", "k", 1);
  store_->put("r", {{"a", 1}});
  EXPECT_EQ(written("h.json"), R"({"page_size":50,"length":1,"type":"hash"})");
  EXPECT_EQ(written("r.json"), R"({"a":1})");
}

// As JSON.stringify: short escapes where there are any, lower-case hex, the rest raw.
TEST_F(Format, KeysAreEscapedAsInJavaScript) {
  store_->hashPut("h",
                  "\"\\/\b\f\n\r\t\x01\x1f\x7f"
                  "é\u2028😀",
                  1);
  EXPECT_EQ(written("h/data.json"),
            R"({"type":"hash_page","length":1,"items":{"\"\\/\b\f\n\r\t\u0001\u001f)"
            "\x7f"
            "é\u2028😀\":1}}");
}

TEST_F(Format, ANewKeyGoesToTheEndAndAnOldOneKeepsItsPlace) {
  for (const char* key : {"b", "a", "c"}) store_->hashPut("h", key, 1);
  store_->hashPut("h", "b", 2);
  EXPECT_EQ(written("h/data.json"),
            R"({"type":"hash_page","length":3,"items":{"b":2,"a":1,"c":1}})");
  store_->hashDelete("h", "b");
  store_->hashPut("h", "b", 3);
  EXPECT_EQ(written("h/data.json"),
            R"({"type":"hash_page","length":3,"items":{"a":1,"c":1,"b":3}})");
}

// JavaScript has them first, by their numbers; "01" and the like are ordinary names.
TEST_F(Format, IntegerLikeKeysComeFirstByNumber) {
  for (const char* key : {"b", "10", "01", "2", "-1", "4294967295", "4294967294", "0", "1.5", "a"})
    store_->hashPut("h", key, 1);
  EXPECT_EQ(written("h/data.json"),
            R"({"type":"hash_page","length":10,"items":{"0":1,"2":1,"10":1,"4294967294":1,"b":1,)"
            R"("01":1,"-1":1,"4294967295":1,"1.5":1,"a":1}})");
}

TEST_F(Format, ASplitKeepsTheOrderOfThePage) {
  store_->hashCreate("h", {{"page_size", 2}});
  for (const char* key : {"zebra", "10", "apple", "2", "mango", "7", "kiwi"})
    store_->hashPut("h", key, 1);
  store_.close();
  for (const auto& [file, text] : visibleFiles(store_.dir() / "h")) {
    const Json page = Json::parse(text);
    if (page["type"] == "hash_index") continue;
    bool ordinary = false;
    for (const auto& [key, value] : page["items"].items()) {
      const bool integer = key.find_first_not_of("0123456789") == std::string::npos;
      EXPECT_FALSE(integer && ordinary) << file;
      ordinary = !integer;
    }
    EXPECT_EQ(page["length"], page["items"].size()) << file;
  }
}

TEST_F(Format, PrettyEmptiesAreAsInJavaScript) {
  TestStore store(prettyFiles());
  store->hashPut("h", "k", {{"a", Json::array()}, {"b", Json::object()}, {"c", {1, 2}}});
  store->hashCreate("empty");
  store.close();
  EXPECT_EQ(readFile(store.dir() / "h/data.json"),
            "{\n\t\"type\": \"hash_page\",\n\t\"length\": 1,\n\t\"items\": {\n\t\t\"k\": {\n"
            "\t\t\t\"a\": [],\n\t\t\t\"b\": {},\n\t\t\t\"c\": [\n\t\t\t\t1,\n\t\t\t\t2\n"
            "\t\t\t]\n\t\t}\n\t}\n}");
  EXPECT_EQ(readFile(store.dir() / "empty/data.json"),
            "{\n\t\"type\": \"hash_page\",\n\t\"length\": 0,\n\t\"items\": {}\n}");
}

// Spellings, escapes, members that hexpage does not know: what was there stays there.
TEST_F(Format, APutLeavesTheOtherItemsAlone) {
  given({{"h.json", R"({"mine":1.10,"page_size":50,"length":3,"type":"hash","more":"\u0041"})"},
         {"h/data.json", R"({"type":"hash_page","length":3,"items":{"a":1.10,"\u0062":{"10":1,"2":)"
                         R"(1e2},"c":"\u00e9\/"},"unknown":[1.0]})"}});
  store_->hashPut("h", "d", 4);
  EXPECT_EQ(written("h/data.json"),
            R"({"type":"hash_page","length":4,"items":{"a":1.10,"\u0062":{"10":1,"2":)"
            R"(1e2},"c":"\u00e9\/","d":4},"unknown":[1.0]})");
  EXPECT_EQ(written("h.json"),
            R"({"mine":1.10,"page_size":50,"length":4,"type":"hash","more":"\u0041"})");
}

TEST_F(Format, AReplacedValueLeavesTheOtherItemsAlone) {
  given(
      {{"h.json", R"({"page_size":50,"length":3,"type":"hash"})"},
       {"h/data.json", R"({"type":"hash_page","length":3,"items":{"a":1.10,"b":2.50,"c":3.0}})"}});
  store_->hashPut("h", "b", "new");
  EXPECT_EQ(written("h/data.json"),
            R"({"type":"hash_page","length":3,"items":{"a":1.10,"b":"new","c":3.0}})");
}

TEST_F(Format, ADeleteLeavesTheOtherItemsAlone) {
  for (const char* key : {"a", "b", "c"}) {
    given({{"h.json", R"({"page_size":50,"length":3,"type":"hash"})"},
           {"h/data.json",
            R"({"type":"hash_page","length":3,"items":{"a":1.10,"b":2.50,"c":3.0}})"}});
    store_->hashDelete("h", key);
    Items left{{"a", "1.10"}, {"b", "2.50"}, {"c", "3.0"}};
    left.erase(key);
    std::string items;
    for (const auto& [name, text] : left)
      items += (items.empty() ? "\"" : ",\"") + name + "\":" + text;
    EXPECT_EQ(written("h/data.json"), R"({"type":"hash_page","length":2,"items":{)" + items + "}}");
  }
}

TEST_F(Format, AHeaderLosesNothingWhenTheLengthGrowsADigit) {
  given({{"h.json", R"({"length":9,"b":[1.0],"type":"hash","page_size":50,"c":{}})"},
         {"h/data.json",
          R"({"type":"hash_page","length":9,"items":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,)"
          R"("h":1,"i":1}})"}});
  store_->hashPut("h", "j", 1);
  EXPECT_EQ(written("h.json"), R"({"length":10,"b":[1.0],"type":"hash","page_size":50,"c":{}})");
}

TEST_F(Format, AReadWritesNothing) {
  const std::string odd =
      " {\"type\" : \"hash_page\", \"length\":1,\n\"items\":{ \"a\" : 1.10 }}\n";
  given({{"h.json", R"({"page_size":50,"length":1,"type":"hash"})"}, {"h/data.json", odd}});
  EXPECT_EQ(store_->hashGet("h", "a"), 1.1);
  EXPECT_EQ(store_->hashGetAll("h"), (Json{{"a", 1.1}}));
  expectClean(store_->verify());
  EXPECT_EQ(written("h/data.json"), odd);
}

// What Node's reference leaves behind legally: a page over the size, an empty page, empty siblings.
TEST_F(Format, WhatTheReferenceMayLeaveIsRead) {
  given({{"h.json", R"({"page_size":1,"length":3,"type":"hash"})"},
         {"h/data.json", R"({"type":"hash_page","length":3,"items":{"a":1,"b":2,"c":3}})"},
         {"i.json", R"({"page_size":2,"length":0,"type":"hash"})"},
         {"i/data.json", R"({"type":"hash_index"})"},
         {"i/data/0.json", R"({"type":"hash_page","length":0,"items":{}})"},
         {"i/data/f.json", R"({"type":"hash_page","length":0,"items":{}})"}});
  EXPECT_EQ(store_->hashGetAll("h"), (Json{{"a", 1}, {"b", 2}, {"c", 3}}));
  EXPECT_EQ(store_->hashGetAll("i"), Json::object());
  store_->hashPut("i", "k", 1);
  EXPECT_EQ(store_->hashGetAll("i"), (Json{{"k", 1}}));
  EXPECT_EQ(store_->hashGetInfo("i").length, 1u);
  expectClean(store_->verify());
}

// Digests of the normalised path give the directories; the texts are those of the raw layout.
TEST_F(Format, TheMd5LayoutHasTheReferencesFileNames) {
  TestStore store(md5Files());
  store->hashPut("users", "k", 1);
  store.close();
  const std::map<std::string, std::string> expected{
      {"9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json",
       R"({"page_size":50,"length":1,"type":"hash"})"},
      {"a3/27/68/a327680cc9f6051e0c856b1420c7a765.json",
       R"({"type":"hash_page","length":1,"items":{"k":1}})"}};
  EXPECT_EQ(visibleFiles(store.dir()), expected);
}

TEST_F(Format, NamespacesAndTemplatesAreTheReferences) {
  const auto filesWith = [](const Json& settings) {
    StoreKind kind = md5Files();
    kind.section.update(settings);
    TestStore store(kind);
    store->hashPut("users", "k", 1);
    store.close();
    std::vector<std::string> names;
    for (const auto& [name, text] : visibleFiles(store.dir())) names.push_back(name);
    return names;
  };
  EXPECT_EQ(filesWith({{"key_namespaces", 1}}),
            (std::vector<std::string>{"users/9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json",
                                      "users/a3/27/68/a327680cc9f6051e0c856b1420c7a765.json"}));
  EXPECT_EQ(filesWith({{"key_template", "##/##/[key]"}}),
            (std::vector<std::string>{"9b/c6/users.json", "a3/27/users/data.json"}));
  EXPECT_EQ(filesWith({{"key_template", "/##/[md5]/"}}),
            (std::vector<std::string>{"9b/9bc65c2abec141778ffaa729489f3e87.json",
                                      "a3/a327680cc9f6051e0c856b1420c7a765.json"}));
  EXPECT_EQ(filesWith({{"key_prefix", "app"}}),
            (std::vector<std::string>{"app/9b/c6/5c/9bc65c2abec141778ffaa729489f3e87.json",
                                      "app/a3/27/68/a327680cc9f6051e0c856b1420c7a765.json"}));
}

}  // namespace
}  // namespace hexpage::testing
