#include "src/cli/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hexpage::cli {
namespace {

// How many letters to put in, to take away, to change or to swap with the next one.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before, last, row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (from[i - 1] != to[j - 1])});
      const bool isSwapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (isSwapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string nearestOf(const std::vector<std::string>& words, std::string_view written) {
  std::string nearest;
  std::size_t least = written.size() / 3 + 2;  // as many are too many
  for (const std::string& word : words)
    if (const std::size_t count = edits(written, word); count < least)
      least = count, nearest = word;
  return nearest;
}

}  // namespace hexpage::cli
