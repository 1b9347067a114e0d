// Which items of a hash are meant, by a test of their keys or of their values.
#pragma once

#include <string>

namespace hexpage {

enum class MatchOn { Key, Value };

enum class MatchBy {
  All,     // every item; the rest of the Match counts for nothing
  Equals,  // texts byte by byte, here and below
  NotEquals,
  Prefix,
  Suffix,
  Contains,
  Regex,    // of RE2 (https://github.com/google/re2/wiki/Syntax), anywhere in the text; takes
            // time in proportion to the text, whatever the expression
  Integer,  // values that are this number, spelled as an integer; of values only
};

// {.by = MatchBy::Prefix, .pattern = "an"}: the items whose keys begin with "an". Of the values
// only strings have a text, and so the others pass none of the tests of texts, NotEquals included.
struct Match {
  MatchOn on = MatchOn::Key;
  MatchBy by = MatchBy::All;
  std::string pattern{};
  std::string member{};     // of the value, by its path (see MemberOptions); "" is the whole value
  bool ignoreCase = false;  // of a Regex only
  bool byLine = false;      // of a Regex only: ^ and $ match at line ends, nothing goes across one
};

}  // namespace hexpage
