#include "src/cli/duration.hpp"

#include <array>
#include <charconv>
#include <hexpage/error.hpp>
#include <string>
#include <utility>

namespace hexpage::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> kUnits = {{
    {"", 1},
    {"ms", 1},
    {"s", 1000},
    {"m", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
}};
constexpr std::int64_t kMost = std::int64_t{1} << 53;

}  // namespace

Millis parseDuration(std::string_view text, const std::string& what) {
  std::int64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  for (const auto& [name, millis] : kUnits)
    if (error == std::errc() && unit == name && number > 0 && number <= kMost / millis)
      return Millis(number * millis);
  throw Error(Code::InvalidArgument, "no " + what + ": " + std::string(text.substr(0, 40)) +
                                         "; write a whole number above 0 and its unit, as 500ms, "
                                         "30s, 5m, 2h or 7d");
}

}  // namespace hexpage::cli
