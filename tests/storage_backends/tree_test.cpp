// The page tree without a disk: a NodeSource that keeps nodes in a map.
#include "paged/tree.hpp"

#include <gtest/gtest.h>

#include <hexpage/error.hpp>
#include <map>
#include <random>

namespace hexpage {
namespace {

class Nodes : public NodeSource {
 public:
  std::optional<Node> node(std::string_view digits) override {
    const auto found = nodes.find(digits);
    return found == nodes.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Node> nodeOnce(std::string_view digits) override { return node(digits); }
  std::uint16_t children(std::string_view digits) override {
    const auto found = nodes.find(digits);
    if (found == nodes.end() || !found->second.isIndex()) return 0;
    return found->second.children.value_or(childrenFound(std::string(digits)));
  }
  std::uint16_t childrenFound(const std::string& digits) const {
    unsigned children = 0;
    for (unsigned d = 0; d < 16; ++d)
      if (nodes.contains(digits + hexDigit(d))) children |= 1U << d;
    return static_cast<std::uint16_t>(children);
  }
  void refuse(std::string_view digits, const std::string& reason) override {
    throw Error(Code::Corrupt, std::string(digits) + ": " + reason);
  }

  // Takes an edit over and says how many nodes it changed.
  std::size_t take(TreeEdit& edit) {
    const std::size_t count = edit.changes().size();
    edit.noteChildren();
    for (const auto& [digits, node] : edit.changes()) {
      if (node)
        nodes[digits] = *node;
      else
        nodes.erase(digits);
    }
    return count;
  }

  std::size_t put(std::size_t pageItems, const std::string& key, const std::string& text = "1") {
    TreeEdit edit(*this, {.pageItems = pageItems});
    edit.put(key, text);
    return take(edit);
  }
  std::size_t remove(std::size_t pageItems, const std::string& key) {
    TreeEdit edit(*this, {.pageItems = pageItems});
    EXPECT_TRUE(edit.remove(key)) << key;
    return take(edit);
  }

  // Every item where a look-up finds it, no page over the limit, nothing below a page, and each
  // index knows its children.
  std::map<std::string, std::string> itemsChecked(std::size_t pageItems) {
    std::map<std::string, std::string> items;
    for (const auto& [digits, node] : nodes) {
      for (std::size_t n = 0; n < digits.size(); ++n) {
        const auto parent = nodes.find(digits.substr(0, n));
        EXPECT_TRUE(parent != nodes.end() && parent->second.isIndex()) << digits << " hangs free";
      }
      if (node.isIndex()) {
        EXPECT_EQ(node.children.value_or(childrenFound(digits)), childrenFound(digits)) << digits;
        continue;
      }
      EXPECT_TRUE(node.page->size() > 0 || digits.empty()) << digits << " is empty";
      EXPECT_LE(node.page->size(), pageItems) << digits;
      for (std::size_t i = 0; i < node.page->size(); ++i) {
        const std::string key = node.page->key(i);
        EXPECT_EQ(Digest::of(key).hex(digits.size()), digits) << key;
        EXPECT_TRUE(items.emplace(key, node.page->value(i)).second) << key << " is there twice";
      }
    }
    return items;
  }

  std::map<std::string, Node, std::less<>> nodes;
};

TEST(Tree, SplitsWhenAPageIsOverfull) {
  Nodes nodes;
  for (const char* key : {"bsanders", "hclinton", "dtrump", "asmith", "bhenry", "crooster",
                          "darment", "ecummings", "fhollister", "gsangrias"})
    nodes.put(10, key);
  EXPECT_EQ(nodes.nodes.size(), 1u);
  nodes.put(10, "hpostit");
  std::string children;
  for (const auto& [digits, node] : nodes.nodes) children += digits;
  EXPECT_EQ(children, "0135689ce");
  EXPECT_TRUE(nodes.nodes.at("").isIndex());
  EXPECT_EQ(nodes.itemsChecked(10).size(), 11u);
}

TEST(Tree, SplitsUntilNoPageIsOverfull) {
  // The reference splits one level per put and leaves such a child overfull.
  Nodes nodes;
  std::vector<std::string> keys;
  for (int i = 0; keys.size() < 3; ++i) {
    const std::string key = "k" + std::to_string(i);
    if (Digest::of(key).hex(3) == "abc") keys.push_back(key);
  }
  for (const std::string& key : keys) nodes.put(2, key);
  EXPECT_TRUE(nodes.nodes.at("").isIndex());
  EXPECT_TRUE(nodes.nodes.at("a").isIndex());
  EXPECT_TRUE(nodes.nodes.at("ab").isIndex());
  EXPECT_EQ(nodes.itemsChecked(2).size(), 3u);
}

// Keys whose digests begin with the digits.
std::vector<std::string> keysBelow(const std::string& digits, std::size_t count) {
  std::vector<std::string> keys;
  for (int i = 0; keys.size() < count; ++i) {
    std::string key = "k" + std::to_string(i);
    if (Digest::of(key).hex(digits.size()) == digits) keys.push_back(std::move(key));
  }
  return keys;
}

TEST(Tree, KeysMadeToShareDigitsMakeNoChainOfFolders) {
  // They made a folder for each digit that they share, as deep as one cares to compute keys.
  Nodes nodes;
  const TreeLimits limits{.pageItems = 2, .pageBytes = 500, .levels = 1, .levelsForBytes = 2};
  const auto put = [&](const std::string& key) {
    TreeEdit edit(nodes, limits);
    edit.put(key, "1");
    return nodes.take(edit);
  };
  const std::vector<std::string> keys = keysBelow("abc", 60);
  for (std::size_t i = 0; i < 20; ++i) put(keys[i]);
  EXPECT_EQ(nodes.nodes.rbegin()->first, "a");
  EXPECT_EQ(nodes.nodes.at("a").page->size(), 20u);
  EXPECT_EQ(put(keys[20]), 1u);
  for (const std::string& key : keys) put(key);  // beyond 500 bytes
  EXPECT_EQ(nodes.nodes.rbegin()->first, "ab");
  TreeEdit look(nodes, limits);
  for (const std::string& key : keys) EXPECT_TRUE(look.has(key));

  for (const std::string& key : keys) {
    TreeEdit edit(nodes, limits);
    EXPECT_TRUE(edit.remove(key));
    nodes.take(edit);
  }
  EXPECT_EQ(nodes.nodes.size(), 1u);
}

TEST(Tree, ATreeThatIsDeeperThanItMayBecomeIsUsedAsItIs) {
  Nodes nodes;
  const std::vector<std::string> keys = keysBelow("abc", 4);
  for (std::size_t i = 0; i < 3; ++i) nodes.put(1, keys[i]);
  ASSERT_TRUE(nodes.nodes.at("abc").isIndex());
  const TreeLimits limits{.pageItems = 1, .levels = 2};
  TreeEdit edit(nodes, limits);
  EXPECT_TRUE(edit.put(keys[3], "4"));
  EXPECT_FALSE(edit.put(keys[0], "5"));
  EXPECT_TRUE(edit.remove(keys[1]));
  nodes.take(edit);
  EXPECT_EQ(nodes.itemsChecked(2).size(), 3u);
}

TEST(Tree, KeysOfOneDigestStayOnePage) {
  const std::string a = "TEXTCOLLBYfGiJUETHQ4hAcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";
  const std::string b = "TEXTCOLLBYfGiJUETHQ4hEcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";
  ASSERT_EQ(Digest::of(a), Digest::of(b));
  Nodes nodes;
  nodes.put(1, a, "1");
  nodes.put(1, b, "2");
  EXPECT_EQ(nodes.nodes.size(), 1u);
  nodes.put(1, "another", "3");
  TreeEdit look(nodes, {.pageItems = 1});
  EXPECT_TRUE(look.has(a) && look.has(b) && look.has("another"));
  nodes.remove(1, a);
  EXPECT_EQ(nodes.itemsChecked(1).size(), 2u);
}

TEST(Tree, LargePagesSplitWhateverTheirCount) {
  Nodes nodes;
  const std::string text = "\"" + std::string(300'000, 'x') + "\"";
  for (int i = 0; i < 3; ++i) nodes.put(50, "k" + std::to_string(i), text);
  EXPECT_FALSE(nodes.nodes.at("").isIndex());
  nodes.put(50, "k3", text);
  EXPECT_TRUE(nodes.nodes.at("").isIndex());
  EXPECT_EQ(nodes.itemsChecked(50).size(), 4u);
}

TEST(Tree, OneLargeItemIsNoReasonToSplit) {
  Nodes nodes;
  nodes.put(50, "k", "\"" + std::string(2'000'000, 'x') + "\"");
  EXPECT_EQ(nodes.nodes.size(), 1u);
}

TEST(Tree, SplitRemovesStaleChildren) {
  // The reference keeps a child that a crashed split left: its deleted items come back.
  Nodes nodes;
  Page stale(Style::Compact);
  for (int i = 0; stale.size() == 0; ++i)
    if (Digest::of("old" + std::to_string(i)).digit(0) == 7)
      stale.put("old" + std::to_string(i), "1");
  nodes.put(2, "a");
  nodes.nodes["7"] = Node{std::make_shared<Page>(stale)};
  for (const char* key : {"b", "c", "d"}) nodes.put(2, key);
  ASSERT_TRUE(nodes.nodes.at("").isIndex());
  EXPECT_EQ(nodes.itemsChecked(2).size(), 4u);
}

TEST(Tree, GathersWhatFitsComfortably) {
  Nodes nodes;
  for (int i = 0; i < 11; ++i) nodes.put(10, "key" + std::to_string(i));
  ASSERT_TRUE(nodes.nodes.at("").isIndex());
  for (int i = 0; i < 5; ++i) nodes.remove(10, "key" + std::to_string(i));
  EXPECT_TRUE(nodes.nodes.at("").isIndex());
  nodes.remove(10, "key5");
  ASSERT_EQ(nodes.nodes.size(), 1u);
  EXPECT_EQ(nodes.nodes.at("").page->size(), 5u);
}

TEST(Tree, DoesNotFlapAtTheLimit) {
  Nodes nodes;
  for (int i = 0; i < 51; ++i) nodes.put(50, "key" + std::to_string(i));
  ASSERT_TRUE(nodes.nodes.at("").isIndex());
  for (int round = 0; round < 10; ++round) {
    EXPECT_LE(nodes.remove(50, "key50"), 1u);
    EXPECT_LE(nodes.put(50, "key50"), 1u);
  }
  EXPECT_TRUE(nodes.nodes.at("").isIndex());
}

TEST(Tree, GatheringCascades) {
  Nodes nodes;
  for (int i = 0; i < 400; ++i) nodes.put(5, "key" + std::to_string(i));
  for (int i = 0; i < 399; ++i) nodes.remove(5, "key" + std::to_string(i));
  ASSERT_EQ(nodes.nodes.size(), 1u);
  EXPECT_EQ(nodes.nodes.at("").page->size(), 1u);
  nodes.remove(5, "key399");
  EXPECT_EQ(nodes.nodes.at("").page->text(), Page(Style::Compact).text());
}

TEST(Tree, RefusesAnIndexBelowTheLastDigit) {
  Nodes nodes;
  std::string digits;
  nodes.nodes[digits] = Node{};
  for (std::size_t n = 0; n < Digest::kDigits; ++n) {
    digits += hexDigit(Digest::of("k").digit(n));
    nodes.nodes[digits] = Node{};
  }
  TreeEdit edit(nodes, {});
  EXPECT_THROW(edit.put("k", "1"), Error);
}

TEST(Tree, AgreesWithAMap) {
  for (const std::size_t pageItems : {1u, 2u, 7u}) {
    std::mt19937 random(20261121);
    Nodes nodes;
    std::map<std::string, std::string> model;
    for (int step = 0; step < 3000; ++step) {
      TreeEdit edit(nodes, {.pageItems = pageItems});
      // Batches of several changes, growing for a while and shrinking for a while.
      for (unsigned n = random() % 4 + 1; n > 0; --n) {
        const std::string key = std::to_string(random() % 300);
        const bool grows = (step / 500) % 2 == 0;
        if (random() % 10 < (grows ? 7u : 3u)) {
          const std::string text = std::to_string(random());
          EXPECT_EQ(edit.put(key, text), !model.contains(key));
          model[key] = text;
        } else {
          EXPECT_EQ(edit.remove(key), model.erase(key) == 1);
        }
      }
      nodes.take(edit);
      if (step % 100 == 99) {
        ASSERT_EQ(nodes.itemsChecked(pageItems), model) << "step " << step;
      }
    }
  }
}

TEST(Tree, AfterIsTheNextPrefix) {
  EXPECT_EQ(after("3"), "4");
  EXPECT_EQ(after("39"), "3a");
  EXPECT_EQ(after("3f"), "4");
  EXPECT_EQ(after("9ff"), "a");
  EXPECT_EQ(after("f"), "");
  EXPECT_EQ(after(""), "");
}

}  // namespace
}  // namespace hexpage
