// hashPutIf, hashDeleteIf and hashEdit over every store, and what equal documents are.
#include "src/same_json.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

using Conditional = HashApi;
INSTANTIATE_TEST_SUITE_P(Stores, Conditional, ::testing::ValuesIn(allStores()), storeName);

TEST_P(Conditional, PutsWhenWhatIsThereIsExpected) {
  storage().hashPut("h", "k", {{"a", 1}, {"b", 2}});
  EXPECT_FALSE(storage().hashPutIf("h", "k", {{"a", 1}}, 5));
  EXPECT_FALSE(storage().hashPutIf("h", "k", std::nullopt, 5));
  EXPECT_FALSE(storage().hashPutIf("h", "other", 1, 5));
  EXPECT_EQ(storage().hashGetInfo("h").length, 1u);
  EXPECT_TRUE(storage().hashPutIf("h", "k", {{"b", 2}, {"a", 1}}, 5));
  holds([&] { EXPECT_EQ(storage().hashGet("h", "k"), 5); });
}

TEST_P(Conditional, NoneThereIsAState) {
  EXPECT_FALSE(storage().hashPutIf("h", "k", nullptr, 1));  // null is a document
  EXPECT_FALSE(storage().has("h"));
  EXPECT_TRUE(storage().hashPutIf("h", "k", std::nullopt, 1, {.create = {{"page_size", 7}}}));
  EXPECT_EQ(storage().hashGetInfo("h").pageSize, 7u);
  EXPECT_FALSE(storage().hashPutIf("h", "k", std::nullopt, 2));
  holds([&] { EXPECT_EQ(storage().hashGet("h", "k"), 1); });
}

TEST_P(Conditional, TakesWhatFindGave) {
  auto before = storage().hashFind("h", "k");
  EXPECT_TRUE(storage().hashPutIf("h", "k", before, 1));
  EXPECT_FALSE(storage().hashPutIf("h", "k", before, 2));
  before = storage().hashFind("h", "k");
  EXPECT_TRUE(storage().hashPutIf("h", "k", before, 3));
}

TEST_P(Conditional, TextsKeepTheirSpelling) {
  EXPECT_TRUE(storage().hashPutTextIf("h", "k", std::nullopt, "1.50"));
  EXPECT_TRUE(storage().hashPutTextIf("h", "k", "15e-1", "2.50"));
  EXPECT_EQ(storage().hashGetText("h", "k"), "2.50");
  EXPECT_EQ(failureOf([&] { storage().hashPutTextIf("h", "k", "x", "1"); }), Code::InvalidArgument);
  EXPECT_EQ(failureOf([&] { storage().hashPutTextIf("h", "k", "2.5", "x"); }),
            Code::InvalidArgument);
}

TEST_P(Conditional, DeletesWhenWhatIsThereIsExpected) {
  storage().hashPut("h", "k", 1);
  EXPECT_FALSE(storage().hashDeleteIf("h", "k", 2));
  EXPECT_FALSE(storage().hashDeleteIf("h", "other", 1));
  EXPECT_TRUE(storage().hashDeleteIf("h", "k", 1.0));
  holds([&] { EXPECT_EQ(storage().hashGetInfo("h").length, 0u); });
}

TEST_P(Conditional, EditsInOneStep) {
  const auto twice = [](const std::optional<Json>& before) -> std::optional<Json> {
    return before ? Json(before->get<int>() * 2) : Json(1);
  };
  EXPECT_EQ(storage().hashEdit("h", "k", twice), 1);
  EXPECT_EQ(storage().hashEdit("h", "k", twice), 2);
  EXPECT_EQ(storage().hashEdit("h", "k", twice), 4);
  holds([&] { EXPECT_EQ(storage().hashGet("h", "k"), 4); });
  EXPECT_EQ(storage().hashEdit("h", "k", [](auto&) { return std::optional<Json>(); }),
            std::nullopt);
  EXPECT_FALSE(storage().hashHas("h", "k"));
}

TEST_P(Conditional, AnEditThatThrowsOrChangesNothingWritesNothing) {
  storage().hashPutText("h", "k", "1.50");
  EXPECT_THROW(storage().hashEdit(
                   "h", "k", [](auto&) -> std::optional<Json> { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(storage().hashEdit("h", "k", [](auto& before) { return before; }), 1.5);
  EXPECT_EQ(storage().hashGetText("h", "k"), "1.50");
  EXPECT_EQ(storage().hashEdit("none", "k", [](auto& before) { return before; }), std::nullopt);
  EXPECT_FALSE(storage().has("none"));
}

TEST_P(Conditional, WorkInATransaction) {
  storage().hashPut("h", "k", 1);
  storage().transaction({"h"}, [](Transaction& tx) {
    EXPECT_TRUE(tx.hashPutIf("h", "k", 1, 2));
    EXPECT_FALSE(tx.hashPutIf("h", "k", 1, 3));
    EXPECT_TRUE(tx.hashPutIf("h", "new", std::nullopt, 4));
    EXPECT_TRUE(tx.hashDeleteIf("h", "new", 4));
    tx.hashEdit("h", "k", [](auto& before) { return Json{{"was", *before}}; });
  });
  EXPECT_EQ(storage().hashGetAll("h"), (Json{{"k", {{"was", 2}}}}));
}

TEST(SameJson, OrderOfMembersDoesNotMatter) {
  EXPECT_TRUE(
      sameJson({{"a", {{"x", 1}, {"y", 2}}}, {"b", 2}}, {{"b", 2}, {"a", {{"y", 2}, {"x", 1}}}}));
  EXPECT_FALSE(sameJson({{"a", 1}}, {{"a", 1}, {"b", 2}}));
  EXPECT_FALSE(sameJson({{"a", 1}}, {{"b", 1}}));
}

TEST(SameJson, OrderOfElementsDoes) {
  EXPECT_TRUE(sameJson(Json::array({1, 2}), Json::array({1.0, 2})));
  EXPECT_FALSE(sameJson(Json::array({1, 2}), Json::array({2, 1})));
  EXPECT_FALSE(sameJson(Json::array({1}), Json::array({1, 1})));
}

TEST(SameJson, TypesDifferButForNumbers) {
  EXPECT_TRUE(sameJson(nullptr, nullptr));
  EXPECT_FALSE(sameJson(nullptr, false));
  EXPECT_FALSE(sameJson(0, false));
  EXPECT_FALSE(sameJson("1", 1));
  EXPECT_FALSE(sameJson(Json::object(), Json::array()));
}

TEST(SameJson, NumbersCompareByValueExactly) {
  const std::uint64_t big = (std::uint64_t{1} << 53) + 1;
  EXPECT_TRUE(sameJson(1, 1.0));
  EXPECT_TRUE(sameJson(Json(1u), Json(std::int64_t{1})));
  EXPECT_TRUE(sameJson(-0.0, 0));
  EXPECT_FALSE(sameJson(big, static_cast<double>(big)));
  EXPECT_FALSE(sameJson(std::numeric_limits<std::uint64_t>::max(), -1));
  EXPECT_FALSE(sameJson(std::numeric_limits<std::uint64_t>::max(), 0x1p64));
  EXPECT_FALSE(sameJson(std::numeric_limits<std::int64_t>::max(), 0x1p63));
  EXPECT_TRUE(sameJson(std::numeric_limits<std::int64_t>::min(), -0x1p63));
  EXPECT_FALSE(sameJson(1, 1.5));
}

}  // namespace
}  // namespace hexpage::testing
