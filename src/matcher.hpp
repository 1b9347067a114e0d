// A Match made ready to test items.
#pragma once

#include <cstdint>
#include <hexpage/match.hpp>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace hexpage {

// May be used by several threads at once.
class Matcher {
 public:
  // Throws InvalidArgument for a Match that makes no sense.
  explicit Matcher(const Match& match);
  ~Matcher();

  bool accepts(std::string_view key, std::string_view text) const;

 private:
  bool acceptsText(std::string_view text) const;
  bool acceptsValue(std::string_view json) const;

  Match match_;
  std::vector<std::string> member_;       // the steps to it
  std::optional<std::int64_t> integer_;   // of an Integer
  std::unique_ptr<re2::RE2> expression_;  // of a Regex
};

}  // namespace hexpage
