// What somebody meant who wrote a word that there is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hexpage::cli {

// The one of the words that takes the fewest edits; "" when none is near.
std::string nearestOf(const std::vector<std::string>& words, std::string_view written);

}  // namespace hexpage::cli
