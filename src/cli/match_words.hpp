// A Match in the words of the command line and of the pipe.
#pragma once

#include <hexpage/match.hpp>
#include <hexpage/types.hpp>
#include <string>

namespace hexpage::cli {

// all, equals, not-equals, prefix, suffix, contains, regex, integer. Throws InvalidArgument with
// these for another word.
MatchBy matchBy(const std::string& word);

// {"on":"value","by":"regex","pattern":"^a","member":"city","ignore_case":true,"by_line":true},
// each with the meaning and the default that it has in a Match; a member makes it one of values.
// Throws InvalidArgument for anything else.
Match matchOf(const Json& object);

}  // namespace hexpage::cli
