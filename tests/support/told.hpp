// What a follower of a store tells, as lines.
#pragma once

#include <hexpage/hexpage.hpp>
#include <string>
#include <vector>

namespace hexpage::testing {

using Lines = std::vector<std::string>;

inline std::string lineOf(const ChangeEvent& event) {
  std::string line(name(event.kind));
  if (!event.path.empty()) line += " " + event.path;
  if (!event.key.empty()) line += " " + event.key;
  if (!event.text.empty()) line += " " + event.text;
  if (!event.from.empty()) line += " from " + event.from;
  return line;
}

// All that is told now.
inline Lines told(Follower& follower) {
  Lines lines;
  const auto add = [&](const ChangeEvent& event) { lines.push_back(lineOf(event)); };
  while (follower.next(add)) {
  }
  return lines;
}

}  // namespace hexpage::testing
