// What a document may be: its limits, its numbers, and what is refused with nothing stored.
#include <cmath>
#include <limits>

#include "tests/support/stores.hpp"

namespace hexpage::testing {

class Documents : public HashApi {
 protected:
  std::optional<Code> putText(const std::string& text) {
    return failureOf([&] { storage().hashPutText("docs", "d", text); });
  }
  std::optional<Code> put(const Json& value) {
    return failureOf([&] { storage().hashPut("docs", "d", value); });
  }
  // Whatever was refused, it made nothing.
  void expectNothingStored() { EXPECT_TRUE(storage().list().empty()); }
};

INSTANTIATE_TEST_SUITE_P(Stores, Documents,
                         ::testing::Values(inMemory(), rawFiles(), prettyFiles(), binaryStore()),
                         storeName);

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST_P(Documents, Of512LevelsAreStored) {
  EXPECT_EQ(putText(nested(kMaxDepth)), std::nullopt);
  EXPECT_EQ(put(parseJson(nested(kMaxDepth))), std::nullopt);
  holds([&] {
    EXPECT_EQ(storage().hashGetText("docs", "d"), nested(kMaxDepth));
    EXPECT_EQ(storage().hashGet("docs", "d").dump(), nested(kMaxDepth));
  });
}

TEST_P(Documents, Of513LevelsAreRefused) {
  EXPECT_EQ(putText(nested(kMaxDepth + 1)), Code::InvalidArgument);
  Json deep = parseJson(nested(kMaxDepth));
  EXPECT_EQ(put(Json::array({deep})), Code::InvalidArgument);
  expectNothingStored();
}

TEST_P(Documents, VeryDeepTextIsRefusedWithoutHarm) {
  EXPECT_EQ(putText(std::string(4 << 20, '[')), Code::InvalidArgument);
  EXPECT_EQ(putText(nested(2 << 20)), Code::InvalidArgument);
  expectNothingStored();
}

TEST_P(Documents, Of16MiBAreStored) {
  const std::string text = '"' + std::string(kMaxDocumentBytes - 2, 'x') + '"';
  EXPECT_EQ(putText(text), std::nullopt);
  holds([&] { EXPECT_TRUE(storage().hashGetText("docs", "d") == text); });
}

TEST_P(Documents, OfMoreThan16MiBAreRefused) {
  const std::string inside(kMaxDocumentBytes - 1, 'x');
  EXPECT_EQ(putText('"' + inside + '"'), Code::InvalidArgument);
  EXPECT_EQ(put(inside), Code::InvalidArgument);
  expectNothingStored();
}

// A short string is taken for valid after one look.
TEST_P(Documents, ShortStringsAreLookedAtToTheirEnd) {
  const std::string whole = "\"0123456789ABCDEF0123456789\"";
  for (std::size_t at = 1; at + 1 < whole.size(); ++at)
    for (const char bad : {'"', '\\', '\n', '\xff'}) {
      std::string text = whole;
      text[at] = bad;
      EXPECT_EQ(putText(text), Code::InvalidArgument) << text;
    }
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(putText(whole.substr(0, size)), Code::InvalidArgument) << size;
  expectNothingStored();
  EXPECT_EQ(putText(whole), std::nullopt);
}

TEST_P(Documents, KeepIntegersOf64BitsExact) {
  const Json numbers{std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::int64_t>::max(),
                     std::numeric_limits<std::uint64_t>::max(), 9007199254740993};
  EXPECT_EQ(put(numbers), std::nullopt);
  holds([&] {
    const Json stored = storage().hashGet("docs", "d");
    EXPECT_EQ(stored[0].get<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(stored[1].get<std::int64_t>(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(stored[2].get<std::uint64_t>(), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(storage().hashGetText("docs", "d"),
              "[-9223372036854775808,9223372036854775807,18446744073709551615,9007199254740993]");
  });
}

TEST_P(Documents, KeepRealsExact) {
  const std::vector<double> reals{0.1, 1e300, 5e-324, 1.7976931348623157e308, -0.0, 1.0 / 3};
  EXPECT_EQ(put(reals), std::nullopt);
  holds([&] {
    const auto stored = storage().hashGet("docs", "d").get<std::vector<double>>();
    EXPECT_EQ(stored, reals);
    EXPECT_TRUE(std::signbit(stored[4]));
  });
}

TEST_P(Documents, RefuseNumbersThatAreNone) {
  for (const double number :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(put(number), Code::InvalidArgument);
    EXPECT_EQ(put({{"a", {{"b", number}}}}), Code::InvalidArgument);
  }
  for (const char* text : {"NaN", "Infinity", "-Infinity", "[nan]"})
    EXPECT_EQ(putText(text), Code::InvalidArgument) << text;
  expectNothingStored();
}

TEST_P(Documents, RefuseBinaryValues) {
  EXPECT_EQ(put(Json::binary({1, 2, 3})), Code::InvalidArgument);
  EXPECT_EQ(put({{"a", Json::binary({1})}}), Code::InvalidArgument);
  expectNothingStored();
}

TEST_P(Documents, RefuseAMemberTwice) {
  for (const char* text :
       {R"({"a":1,"a":2})", R"({"a":1,"b":2,"a":1})", R"([{"x":{"a":1,"a":1}}])", R"({"":1,"":2})"})
    EXPECT_EQ(putText(text), Code::InvalidArgument) << text;
  expectNothingStored();
}

TEST_P(Documents, RefuseAMemberTwiceInTwoSpellings) {
  for (const char* text :
       {R"({"a":1,"\u0061":2})", R"({"é":1,"\u00e9":2})", R"({"é":1,"\u00E9":2})",
        R"({"\/":1,"/":2})", R"({"\ud83d\ude00":1,"😀":2})", R"({"\n":1,"\u000a":2})"})
    EXPECT_EQ(putText(text), Code::InvalidArgument) << text;
  expectNothingStored();
}

TEST_P(Documents, MayHaveMembersThatOnlyLookAlike) {
  const std::string text = R"({"a":{"a":{"a":1}},"A":1,"a ":2,"\\u0061":3,"é":4,"e\u0301":5})";
  EXPECT_EQ(putText(text), std::nullopt);
  EXPECT_EQ(storage().hashGetText("docs", "d"), text);
}

TEST_P(Documents, WithManyMembersAreCheckedToo) {
  std::string text = "{";
  for (int n = 0; n < 5000; ++n) text += "\"member" + std::to_string(n) + "\":1,";
  EXPECT_EQ(putText(text + "\"last\":1}"), std::nullopt);
  EXPECT_EQ(putText(text + "\"member2500\":1}"), Code::InvalidArgument);
}

// Overlong forms, halves of surrogate pairs, code points past the end, and cut off sequences.
TEST_P(Documents, RefuseInvalidUtf8) {
  for (const char* bytes :
       {"\xff", "\xc0\xaf", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\x80z"}) {
    EXPECT_EQ(putText(std::string("\"") + bytes + "\""), Code::InvalidArgument);
    EXPECT_EQ(putText(std::string("{\"") + bytes + "\":1}"), Code::InvalidArgument);
    EXPECT_EQ(put(std::string(bytes)), Code::InvalidArgument);
    EXPECT_EQ(put({{bytes, 1}}), Code::InvalidArgument);
  }
  expectNothingStored();
}

TEST_P(Documents, TheRefusalSaysWhereAndWhy) {
  const std::string message =
      messageOf([&] { storage().hashPutText("docs", "d", R"({"a":1,"a":2})"); });
  EXPECT_NE(message.find("\"a\""), std::string::npos) << message;
  EXPECT_NE(messageOf([&] { storage().hashPutText("docs", "d", "[1,]"); }).find("3"),
            std::string::npos);
}

TEST_P(Documents, TheRefusalNamesTheKey) {
  const auto expectNamed = [&](auto call) {
    const std::string message = messageOf(call);
    EXPECT_NE(message.find("\"culprit\""), std::string::npos) << message;
  };
  storage().hashPut("docs", "culprit", {{"s", "text"}});
  expectNamed([&] { storage().hashPut("docs", "culprit", std::nan("")); });
  expectNamed([&] { storage().hashPutMulti("docs", {{"a", 1}, {"culprit", std::nan("")}}); });
  expectNamed([&] { storage().hashUpdate("docs", "culprit", {{"s.x", 1}}); });
  expectNamed([&] { storage().hashMerge("docs", "culprit", {{"s", std::nan("")}}); });
}

// Failed once: it was told as damage of the store.
TEST_P(Documents, WithANumberThatNoJsonHoldsAreThereAsText) {
  storage().hashPutText("docs", "d", "[1e400]");
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { storage().hashGet("docs", "d"); }, [&] { storage().hashFind("docs", "d"); },
           [&] { storage().hashGetMulti("docs", {"d"}); }, [&] { storage().hashGetAll("docs"); },
           [&] { storage().hashItems("docs").begin(); }}) {
    EXPECT_EQ(failureOf(call), Code::InvalidArgument);
    EXPECT_EQ(messageOf(call).rfind("docs: d: ", 0), 0u) << messageOf(call);
  }
  EXPECT_EQ(storage().hashGetText("docs", "d"), "[1e400]");
}

TEST_P(Documents, OfRecordsHaveTheSameLimits) {
  EXPECT_EQ(failureOf([&] { storage().put("r", std::nan("")); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().put("r", Json::array({parseJson(nested(kMaxDepth))})); }),
            Code::InvalidArgument);
  expectNothingStored();
}

}  // namespace hexpage::testing
