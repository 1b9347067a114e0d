#include "paged/page.hpp"

#include <gtest/gtest.h>

#include "support/json_scanner.hpp"

namespace hexpage {
namespace {

TEST(Page, BeginsEmpty) {
  EXPECT_EQ(Page(Style::Compact).text(), R"({"type":"hash_page","length":0,"items":{}})");
  EXPECT_EQ(Page(Style::Pretty).text(),
            "{\n\t\"type\": \"hash_page\",\n\t\"length\": 0,\n\t\"items\": {}\n}");
}

TEST(Page, PutAddsAtTheEndAndCounts) {
  Page page(Style::Compact);
  EXPECT_TRUE(page.put("b", R"({"x":1})"));
  EXPECT_TRUE(page.put("a", "2"));
  EXPECT_EQ(page.text(), R"({"type":"hash_page","length":2,"items":{"b":{"x":1},"a":2}})");
}

TEST(Page, PutReplacesInPlace) {
  Page page = Page::parse(R"({"type":"hash_page","length":3,"items":{"a":1,"b":22,"c":3}})");
  EXPECT_FALSE(page.put("b", "\"longer than before\""));
  EXPECT_FALSE(page.put("c", "4"));
  EXPECT_EQ(page.text(),
            R"({"type":"hash_page","length":3,"items":{"a":1,"b":"longer than before","c":4}})");
}

// Failed once: a put over a key kept a length that was wrong before it.
TEST(Page, PutRightsTheLength) {
  Page page = Page::parse(R"({"type":"hash_page","length":12,"items":{"a":1,"b":2}})");
  EXPECT_EQ(page.statedLength(), 12);
  page.put("b", "3");
  EXPECT_EQ(page.text(), R"({"type":"hash_page","length":2,"items":{"a":1,"b":3}})");
}

TEST(Page, LengthMayGrowADigit) {
  Page page(Style::Compact);
  for (int i = 0; i < 12; ++i) page.put("k" + std::to_string(i), std::to_string(i * 1000));
  EXPECT_TRUE(
      page.text().starts_with(R"({"type":"hash_page","length":12,"items":{"k0":0,"k1":1000)"));
  for (int i = 0; i < 12; ++i) {
    const auto at = page.find("k" + std::to_string(i));
    ASSERT_TRUE(at);
    EXPECT_EQ(page.value(*at), std::to_string(i * 1000));
  }
  for (int i = 0; i < 11; ++i) EXPECT_TRUE(page.remove("k" + std::to_string(i)));
  EXPECT_EQ(page.text(), R"({"type":"hash_page","length":1,"items":{"k11":11000}})");
}

TEST(Page, RemovesTheFirstAMiddleAndTheLast) {
  const std::string text = R"({"type":"hash_page","length":3,"items":{"a":1,"b":2,"c":3}})";
  Page first = Page::parse(text), middle = first, last = first;
  EXPECT_TRUE(first.remove("a"));
  EXPECT_TRUE(middle.remove("b"));
  EXPECT_TRUE(last.remove("c"));
  EXPECT_FALSE(last.remove("c"));
  EXPECT_EQ(first.text(), R"({"type":"hash_page","length":2,"items":{"b":2,"c":3}})");
  EXPECT_EQ(middle.text(), R"({"type":"hash_page","length":2,"items":{"a":1,"c":3}})");
  EXPECT_EQ(last.text(), R"({"type":"hash_page","length":2,"items":{"a":1,"b":2}})");
}

TEST(Page, OrdersIntegerLikeKeysFirstAsJavaScript) {
  Page page(Style::Compact);
  for (const char* key : {"b", "10", "9", "4294967294", "01", "4294967295", "0"})
    page.put(key, "1");
  EXPECT_EQ(page.text(),
            R"({"type":"hash_page","length":7,"items":{"0":1,"9":1,"10":1,"4294967294":1,)"
            R"("b":1,"01":1,"4294967295":1}})");
}

TEST(Page, KeepsWhatItDoesNotKnow) {
  Page page = Page::parse(
      R"({"seen":1.10,"items":{"a" : 1},"more":{"length":9},"length":1,"type":"hash_page"})");
  page.put("b", "2");
  EXPECT_EQ(
      page.text(),
      R"({"seen":1.10,"items":{"a" : 1,"b":2},"more":{"length":9},"length":2,"type":"hash_page"})");
}

TEST(Page, PrettyIsAsJsonStringifyWithATab) {
  Page page(Style::Pretty);
  page.put("a", R"({"x":[1,2],"e":{}})");
  page.put("b", "null");
  EXPECT_EQ(page.text(),
            "{\n\t\"type\": \"hash_page\",\n\t\"length\": 2,\n\t\"items\": {\n\t\t\"a\": "
            "{\n\t\t\t\"x\": [\n"
            "\t\t\t\t1,\n\t\t\t\t2\n\t\t\t],\n\t\t\t\"e\": {}\n\t\t},\n\t\t\"b\": null\n\t}\n}");
  EXPECT_EQ(page.value(0), R"({"x":[1,2],"e":{}})");
  page.remove("b");
  page.remove("a");
  EXPECT_EQ(page.text(), Page(Style::Pretty).text());
}

TEST(Page, TellsWhenItemsExpireBehindThem) {
  Page page(Style::Compact);
  page.put("b", "1", 1700);
  page.put("a", "2");
  page.put("c\"", "3", 1800);
  EXPECT_EQ(page.text(), R"({"type":"hash_page","length":3,"items":{"b":1,"a":2,"c\"":3},)"
                         R"("expires":{"b":1700,"c\"":1800}})");
  page.put("7", "4", 1900);  // before the others
  EXPECT_EQ(page.expires(*page.find("7")), 1900);
  EXPECT_EQ(page.expires(*page.find("b")), 1700);
  EXPECT_EQ(page.expires(*page.find("a")), 0);
  page.put("b", "5");
  page.remove("7");
  page.remove("c\"");
  EXPECT_EQ(page.text(), R"({"type":"hash_page","length":2,"items":{"b":5,"a":2}})");
}

TEST(Page, WhenItemsExpireInLines) {
  Page page(Style::Pretty);
  page.put("a", "1", 1700);
  page.put("b", "2", 1800);
  EXPECT_EQ(page.text(),
            "{\n\t\"type\": \"hash_page\",\n\t\"length\": 2,\n\t\"items\": {\n\t\t\"a\": 1,\n\t\t"
            "\"b\": 2\n\t},\n\t\"expires\": {\n\t\t\"a\": 1700,\n\t\t\"b\": 1800\n\t}\n}");
  page.setStyle(Style::Compact);
  EXPECT_EQ(page.text(), R"({"type":"hash_page","length":2,"items":{"a":1,"b":2},)"
                         R"("expires":{"a":1700,"b":1800}})");
}

TEST(Page, ReadsWhenItemsExpireWhereverItStands) {
  for (
      const char* text :
      {R"({"expires":{"b":1800,"\u0061":1700},"type":"hash_page","length":2,"items":{"a":1,"b":2}})",
       R"({"type":"hash_page","expires":{"a":1700,"b":1800},"length":2,"items":{"a":1,"b":2}})",
       R"({"type":"hash_page","items":{"a":1,"b":2},"expires":{"a":1700,"b":1800},"length":2})",
       R"({"type":"hash_page","length":2,"items":{"a":1,"b":2},"expires":{"a":1700,"b":1800}})"}) {
    Page page = Page::parse(text);
    EXPECT_FALSE(page.hadStrayExpires()) << text;
    page.put("c", "3");
    EXPECT_EQ(page.value(*page.find("a")), "1") << text;
    EXPECT_EQ(page.value(*page.find("c")), "3") << text;
    EXPECT_EQ(page.expires(*page.find("a")), 1700) << text;
    EXPECT_EQ(page.expires(*page.find("b")), 1800) << text;
    const Page again = Page::parse(page.text());
    EXPECT_EQ(again.text(), page.text());
    EXPECT_EQ(again.statedLength(), 3);
  }
}

TEST(Page, DropsTimesThatBelongToNoItem) {
  for (const char* expires : {R"({"gone":1700})", R"({"a":"soon"})", R"({"a":-1})", R"({"a":0})",
                              R"({"a":1.5})", "[]", "null"}) {
    const Page page = Page::parse(R"({"type":"hash_page","length":1,"items":{"a":1},"expires":)" +
                                  std::string(expires) + "}");
    EXPECT_TRUE(page.hadStrayExpires()) << expires;
    EXPECT_EQ(page.text(), R"({"type":"hash_page","length":1,"items":{"a":1}})");
  }
}

TEST(Page, FindsKeysHoweverTheyAreEscaped) {
  const Page page =
      Page::parse(R"({"type":"hash_page","length":2,"items":{"\u0061\/":1,"q\"":2}})");
  ASSERT_TRUE(page.find("a/"));
  EXPECT_EQ(page.key(*page.find("a/")), "a/");
  ASSERT_TRUE(page.find("q\""));
  EXPECT_FALSE(page.find("q"));
}

TEST(Page, OfAKeyThatIsThereTwiceTheLastCounts) {
  const Page page =
      Page::parse(R"({"type":"hash_page","length":3,"items":{"a":1,"b":2,"\u0061":3}})");
  EXPECT_TRUE(page.hadDuplicates());
  EXPECT_EQ(page.size(), 2u);
  EXPECT_EQ(page.value(*page.find("a")), "3");
}

TEST(Page, ACopyWithRoomTakesAnItemWithoutMoving) {
  Page page(Style::Compact);
  for (int i = 0; i < 20; ++i)
    page.put("k" + std::to_string(i), "\"" + std::string(50, 'x') + "\"");
  const std::string value = "\"" + std::string(900, 'y') + "\"";
  Page copy(page, 1000);
  EXPECT_EQ(copy.text(), page.text());
  const char* const place = copy.wholeText()->data();
  copy.put("new", value);
  EXPECT_EQ(copy.wholeText()->data(), place);
  EXPECT_EQ(copy.value(*copy.find("new")), value);
  EXPECT_FALSE(page.find("new"));
}

TEST(Page, HasNoWholeTextWhileItemsExpire) {
  Page page(Style::Compact);
  page.put("a", "1", 1000);
  EXPECT_EQ(page.wholeText(), nullptr);
  page.put("a", "1");
  ASSERT_NE(page.wholeText(), nullptr);
  EXPECT_EQ(*page.wholeText(), page.text());
}

TEST(Page, RefusesWhatIsNoPage) {
  for (const char* text :
       {"", "[]", "{}", R"({"type":"hash_index"})", R"({"type":"hash_page","items":{}})",
        R"({"type":"hash_page","length":0,"items":[]})",
        R"({"type":"hash_page","length":1,"items":{"a":tru}})",
        R"({"type":"hash_page","length":0,"items":{}} x)",
        R"({"type":"hash_page","length":1,"items":{"a":01}})",
        R"({"type":"hash_page","length":0,"items":{},"expires":{},"expires":{}})"})
    EXPECT_THROW(Page::parse(text), JsonError) << text;
}

TEST(Page, RecordTypeTellsPagesFromIndexes) {
  EXPECT_EQ(recordTypeOf(R"({"type":"hash_index"})"), RecordType::Index);
  EXPECT_EQ(recordTypeOf(Page(Style::Pretty).text()), RecordType::Page);
  EXPECT_THROW(recordTypeOf(R"({"type":"hash"})"), JsonError);
}

}  // namespace
}  // namespace hexpage
