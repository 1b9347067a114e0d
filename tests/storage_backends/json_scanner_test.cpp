#include "support/json_scanner.hpp"

#include <gtest/gtest.h>

#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include <set>

#include "support/json_run.hpp"
#include "tests/support/random.hpp"

namespace hexpage {
namespace {

bool isValid(std::string_view text) {
  try {
    validateDocument(text);
    return true;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::InvalidArgument);
    return false;
  }
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonScanner, TakesEveryKindOfValue) {
  for (const char* text : {"null", "true", "false", "0", "-0", "1.10", "1e400", "-12E+3", "\"\"",
                           "[]", "{}", " [ 1 , {\"a\" : [ ] } ] ", "123456789012345678901234567890",
                           "\"\\u00e9\\ud83d\\ude00\\/\"", "\"\xf0\x9f\x98\x80\""})
    EXPECT_TRUE(isValid(text)) << text;
}

TEST(JsonScanner, RefusesWhatIsNotJson) {
  for (const char* text :
       {"",        " ",         "nul",         "truex", "01",       "1.",    ".5",
        "+1",      "1e",        "--1",         "NaN",   "Infinity", "'a'",   "\"a",
        "\"\t\"",  "\"\\x\"",   "\"\\u12g4\"", "[1,]",  "[,1]",     "[1 2]", "{\"a\":1,}",
        "{a:1}",   "{\"a\" 1}", "{\"a\":}",    "[",     "{",        "1 2",   "\xef\xbb\xbf{}",
        "// c\n1", "\"\\"})
    EXPECT_FALSE(isValid(text)) << text;
}

TEST(JsonScanner, RefusesWhatIsNotUtf8) {
  EXPECT_FALSE(isValid("\"\xff\""));
  EXPECT_FALSE(isValid("\"\xc0\xaf\""));
  EXPECT_FALSE(isValid("\"\xed\xa0\x80\""));
}

TEST(JsonScanner, RefusesHalvesOfSurrogatePairs) {
  EXPECT_FALSE(isValid("\"\\ud83d\""));
  EXPECT_FALSE(isValid("\"\\ude00\""));
  EXPECT_FALSE(isValid("\"\\ud83d\\u0041\""));
  JsonScanner lenient("\"\\ud83d\"");
  EXPECT_EQ(lenient.value().end, 8u);
}

TEST(JsonScanner, RefusesAMemberTwiceAtAnyDepthAndInAnySpelling) {
  EXPECT_FALSE(isValid(R"({"a":1,"a":2})"));
  EXPECT_FALSE(isValid(R"([{"x":{"a":1,"b":2,"\u0061":3}}])"));
  EXPECT_TRUE(isValid(R"([{"a":1},{"a":{"a":2}}])"));
}

// Few names and many are compared in ways of their own.
TEST(JsonScanner, RefusesAMemberTwiceHoweverManyThereAre) {
  std::string members = R"("a":1)";
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(isValid("{" + members + "}")) << members;
    EXPECT_FALSE(isValid("{" + members + R"(,"a":2})")) << members;
    EXPECT_FALSE(isValid("{" + members + R"(,"\u0061":2})")) << members;
    members += ",\"b" + std::to_string(i) + "\":" + std::to_string(i);
  }
}

// A name in one of its spellings, with its quotes.
std::string spelled(char name, bool isEscaped) {
  constexpr char kHex[] = "0123456789abcdef";
  if (!isEscaped) return std::string("\"") + name + '"';
  return std::string("\"\\u00") + kHex[name >> 4] + kHex[name & 15] + '"';
}

struct RandomObject {
  std::string text;
  bool hasTwins = false;  // in it, or in an object in it
};

RandomObject randomObject(testing::Random& random, std::size_t depth) {
  RandomObject object{"{"};
  std::set<char> names;
  for (std::size_t n = random.below(5); n > 0; --n) {
    const char name = static_cast<char>('a' + random.below(12));
    if (!names.insert(name).second) object.hasTwins = true;
    object.text += spelled(name, random.oneIn(6)) + ":";
    if (depth > 0 && random.oneIn(3)) {
      const RandomObject inner = randomObject(random, depth - 1);
      object.text += inner.text;
      object.hasTwins = object.hasTwins || inner.hasTwins;
    } else {
      object.text += random.oneIn(4) ? "\"\\n\"" : "1";
    }
    if (n > 1) object.text += ',';
  }
  object.text += '}';
  return object;
}

TEST(JsonScanner, FindsTheTwinsThatASetOfNamesFinds) {
  const std::uint64_t seed = testing::chosenSeed();
  SCOPED_TRACE("HEXPAGE_SEED=" + std::to_string(seed));
  testing::Random random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const RandomObject object = randomObject(random, 3);
    ASSERT_EQ(isValid(object.text), !object.hasTwins) << object.text;
  }
}

TEST(JsonScanner, BoundsDepth) {
  EXPECT_TRUE(isValid(nested(kMaxDepth)));
  EXPECT_FALSE(isValid(nested(kMaxDepth + 1)));
  EXPECT_FALSE(isValid(std::string(1'000'000, '[')));
}

TEST(JsonScanner, NamesTheOffset) {
  try {
    validateDocument("[1,2,x]");
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "invalid JSON: value expected at byte 5");
  }
}

std::string refusalOf(std::string_view text) {
  try {
    JsonScanner scanner(text, {.maxDepth = 3, .refuseDuplicates = true});
    scanner.value();
    scanner.end();
  } catch (const JsonError& e) {
    return e.what();
  }
  return "";
}

TEST(JsonScanner, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(refusalOf("{\"a\" 1}"), "':' expected at byte 5");
  EXPECT_EQ(refusalOf("{\"a\":1 \"b\":2}"), "'}' expected at byte 7");
  EXPECT_EQ(refusalOf("{\"a\":1,}"), "'\"' expected at byte 7");
  EXPECT_EQ(refusalOf("[1 2]"), "']' expected at byte 3");
  EXPECT_EQ(refusalOf("[1,"), "value expected, the text ends at byte 3");
  EXPECT_EQ(refusalOf("[-x]"), "value expected at byte 1");
  EXPECT_EQ(refusalOf("[1.]"), "digit expected at byte 3");
  EXPECT_EQ(refusalOf("[tru]"), "value expected at byte 1");
  EXPECT_EQ(refusalOf("\"12345678"), "string without an end at byte 9");
  EXPECT_EQ(refusalOf("\"12345678\t\""), "control character in a string at byte 9");
  EXPECT_EQ(refusalOf("\"\\u00x0\""), "four hex digits expected at byte 3");
  EXPECT_EQ(refusalOf("[[[[1]]]]"), "nested deeper than 3 at byte 3");
  EXPECT_EQ(refusalOf("{\"a\":1,\"a\":2}"), "member \"a\" twice in one object at byte 13");
  EXPECT_EQ(refusalOf("1 2"), "more text after the value at byte 2");
}

TEST(JsonScanner, FindsTheEndOfStringsOfAnyLength) {
  for (std::size_t size = 0; size < 200; ++size) {
    for (const char* special : {"", "\\\"", "\\\\", "\\u0041", "\xc3\xa9"}) {
      const std::string text =
          "\"" + std::string(size, 'a') + special + std::string(size, ' ') + "\"";
      JsonScanner scanner(text);
      EXPECT_EQ(scanner.value().end, text.size());
    }
    std::string control = "\"" + std::string(size, 'a') + "\x1f\"";
    EXPECT_FALSE(isValid(control));
  }
}

TEST(JsonRun, EndsAtTheSameCharactersWhereverTheyAre) {
  for (std::size_t size = 1; size <= 180; ++size)
    for (int c = 0; c < 256; ++c) {
      const std::size_t at = (size * 37 + static_cast<std::size_t>(c)) % size;
      std::string text(size, 'a');
      text[at] = static_cast<char>(c);
      const bool isEnd = c == '"' || c == '\\' || c < 0x20;
      EXPECT_EQ(endOfRun(text, 0), isEnd ? at : size) << c << " at " << at << " of " << size;
    }
}

#ifdef __SSE2__
TEST(JsonRun, IsPassedAlikeWhateverTheProcessorHas) {
  for (std::size_t at = 0; at < 400; ++at)
    for (const char end : {'"', '\\', '\x1f', '\0', '\x7f', '\xff', '#', ' '}) {
      std::string text(400, 'a');
      text[at] = end;
      EXPECT_EQ(pastSixtyFours(text, 3), pastSixtyFoursBySse2(text, 3)) << at;
    }
}
#endif

// The pipe answered with a DEL as it was, which is no printable character.
TEST(JsonText, IsAsciiWithoutControlCharacters) {
  EXPECT_EQ(asciiOnly("[\"a\x7f\xc3\xa9~\"]"), "[\"a\\u007f\\u00e9~\"]");
}

TEST(JsonText, UnquotedUndoesQuoting) {
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  all += std::string("\0 é 😀 北", 13);
  EXPECT_EQ(unquoted(jsonString(all)), all);
  EXPECT_EQ(unquoted(asciiOnly(jsonString(all))), all);
  EXPECT_EQ(jsonString("\x01\b\"\\/\x7f"), "\"\\u0001\\b\\\"\\\\/\x7f\"");
  EXPECT_EQ(unquoted("\"\\ud83d\""), "\xef\xbf\xbd");
}

TEST(JsonText, MinifiesAndIndentsOutsideOfStringsOnly) {
  const std::string text = R"({ "a b" : [ 1.10 , "x , y" ] , "e" : { } , "f" : [ ] })";
  EXPECT_EQ(minified(text), R"({"a b":[1.10,"x , y"],"e":{},"f":[]})");
  EXPECT_EQ(indented(text),
            "{\n\t\"a b\": [\n\t\t1.10,\n\t\t\"x , y\"\n\t],\n\t\"e\": {},\n\t\"f\": []\n}");
  EXPECT_EQ(minified(indented(text, 3)), minified(text));
}

TEST(JsonText, ParseKeepsIntegersOf64BitsAndTheirSign) {
  EXPECT_EQ(parseJson("18446744073709551615").get<std::uint64_t>(), 18446744073709551615u);
  EXPECT_EQ(parseJson("-9223372036854775808").get<std::int64_t>(), INT64_MIN);
  EXPECT_TRUE(parseJson("1").is_number_unsigned());
  EXPECT_TRUE(parseJson("1.0").is_number_float());
  EXPECT_EQ(parseJson(R"({"b":[1,null,"x"],"a":{}})").dump(), R"({"b":[1,null,"x"],"a":{}})");
}

TEST(JsonText, ToTextRefusesWhatJsonDoesNotHave) {
  EXPECT_THROW(toText(std::nan("")), Error);
  EXPECT_THROW(toText({{"a", {1, HUGE_VAL}}}), Error);
  EXPECT_THROW(toText("\xff"), Error);
  EXPECT_THROW(toText(Json::binary({1, 2})), Error);
  Json deep = 1;
  for (std::size_t i = 0; i < kMaxDepth; ++i) deep = Json::array({deep});
  EXPECT_NO_THROW(toText(deep));
  EXPECT_THROW(toText(Json::array({deep})), Error);
}

TEST(Spells, ComparesWhatAStringStandsFor) {
  EXPECT_TRUE(spells(R"("type")", "type"));
  EXPECT_TRUE(spells(R"("t\u0079pe")", "type"));
  EXPECT_FALSE(spells(R"("t\\u0079pe")", "type"));
  EXPECT_FALSE(spells(R"("types")", "type"));
  EXPECT_TRUE(spells(R"("")", ""));
  EXPECT_FALSE(spells("5", "5"));
  EXPECT_FALSE(spells("", ""));
}

}  // namespace
}  // namespace hexpage
