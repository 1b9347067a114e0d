#include "support/options.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <hexpage/error.hpp>
#include <numeric>

namespace hexpage {
namespace {

// Levenshtein's edit distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& names) {
  std::string best;
  std::size_t least = std::max<std::size_t>(name.size() / 2, 2) + 1;
  for (const std::string& candidate : names) {
    const std::size_t d = distance(name, candidate);
    if (d < least) least = d, best = candidate;
  }
  return best;
}

Options::Options(const Json& section, std::string name)
    : section_(section), name_(std::move(name)) {
  if (section_.is_null()) section_ = Json::object();
  if (!section_.is_object())
    throw Error(Code::InvalidArgument,
                "config" + (name_.empty() ? "" : ": " + name_) + " must be an object");
}

std::string Options::full(std::string_view member) const {
  return (name_.empty() ? "" : name_ + ".") + std::string(member);
}

void Options::refuse(std::string_view member, const std::string& expected) const {
  throw Error(Code::InvalidArgument, "config: " + full(member) + " must be " + expected + ", not " +
                                         section_.at(std::string(member)).dump());
}

const Json* Options::find(std::string_view member) {
  known_.emplace_back(member);
  const auto found = section_.find(std::string(member));
  return found == section_.end() ? nullptr : &*found;
}

std::string Options::text(std::string_view member, std::string_view otherwise) {
  const Json* value = find(member);
  if (!value) return std::string(otherwise);
  if (!value->is_string()) refuse(member, "a string");
  return value->get<std::string>();
}

std::string Options::oneOf(std::string_view member, std::string_view otherwise,
                           const std::vector<std::string>& allowed) {
  std::string value = text(member, otherwise);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
    refuse(member, "one of: " + joined(allowed));
  return value;
}

bool Options::flag(std::string_view member, bool otherwise) {
  const Json* value = find(member);
  if (!value) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  if (*value == 0 || *value == 1) return *value == 1;
  refuse(member, "true or false");
}

std::uint64_t Options::number(std::string_view member, std::uint64_t otherwise, std::uint64_t least,
                              std::uint64_t most) {
  const Json* value = find(member);
  if (!value) return otherwise;
  const bool fits = value->is_number_unsigned() ||
                    (value->is_number_integer() && value->get<std::int64_t>() >= 0);
  const std::uint64_t number = fits ? value->get<std::uint64_t>() : 0;
  if (!fits || number < least || number > most)
    refuse(member,
           "a whole number from " + std::to_string(least) +
               (most == std::numeric_limits<std::uint64_t>::max() ? std::string(" up")
                                                                  : " to " + std::to_string(most)));
  return number;
}

std::uint64_t Options::memory(std::string_view member, std::uint64_t otherwise) {
  const auto value = section_.find(std::string(member));
  if (value == section_.end() || !value->is_string()) return number(member, otherwise);
  const std::string text = find(member)->get<std::string>();
  unsigned percent = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, percent);
  if (parsed.ec != std::errc() || std::string_view(parsed.ptr, end) != "%" || percent > 100)
    refuse(member, "a number of bytes, or a share of the memory as \"25%\"");
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 100 * percent;
}

Json Options::section(std::string_view member) {
  const Json* value = find(member);
  if (!value || value->is_null()) return Json::object();
  if (!value->is_object()) refuse(member, "an object");
  return *value;
}

void Options::finish() const {
  for (const auto& [member, value] : section_.items()) {
    if (std::find(known_.begin(), known_.end(), member) != known_.end()) continue;
    const std::string near = nearest(member, known_);
    const std::string hint = !near.empty()    ? "; did you mean " + full(near) + "?"
                             : known_.empty() ? "; " + name_ + " has no members"
                                              : "; known: " + joined(known_);
    throw Error(Code::InvalidArgument, "config: unknown member " + full(member) + hint);
  }
}

}  // namespace hexpage
