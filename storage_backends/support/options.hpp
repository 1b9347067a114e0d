// Reads a section of the config, member by member, and refuses what nobody asked for.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// Every getter throws InvalidArgument that names the member and says what it may be.
class Options {
 public:
  // `name` is the section's own, "" for the top. Null is an empty section.
  Options(const Json& section, std::string name);

  std::string text(std::string_view member, std::string_view otherwise);
  std::string oneOf(std::string_view member, std::string_view otherwise,
                    const std::vector<std::string>& allowed);
  // true, false, 1 or 0, as configs of the reference have it.
  bool flag(std::string_view member, bool otherwise);
  std::uint64_t number(std::string_view member, std::uint64_t otherwise, std::uint64_t least = 0,
                       std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  // A number of bytes, or a text as "25%" for so much of this machine's memory.
  std::uint64_t memory(std::string_view member, std::uint64_t otherwise);
  // An object; an empty one when it is not there.
  Json section(std::string_view member);

  // Throws for a member that none of the calls above named, with the nearest one that was.
  void finish() const;

 private:
  const Json* find(std::string_view member);
  [[noreturn]] void refuse(std::string_view member, const std::string& expected) const;
  std::string full(std::string_view member) const;

  Json section_;
  std::string name_;
  std::vector<std::string> known_;
};

// The nearest of the names by edit distance; "" when none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& names);

}  // namespace hexpage
