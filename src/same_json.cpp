#include "same_json.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hexpage {
namespace {

// Not as doubles: 2^53 + 1 is none.
bool sameWholeAndDouble(const Json& whole, double number) {
  if (std::trunc(number) != number) return false;
  if (whole.is_number_unsigned())
    return number >= 0 && number < 0x1p64 &&
           whole.get<std::uint64_t>() == static_cast<std::uint64_t>(number);
  return number >= -0x1p63 && number < 0x1p63 &&
         whole.get<std::int64_t>() == static_cast<std::int64_t>(number);
}

bool sameWhole(const Json& a, const Json& b) {
  if (a.is_number_unsigned() && b.is_number_unsigned())
    return a.get<std::uint64_t>() == b.get<std::uint64_t>();
  if (!a.is_number_unsigned() && !b.is_number_unsigned())
    return a.get<std::int64_t>() == b.get<std::int64_t>();
  const Json& bare = a.is_number_unsigned() ? a : b;
  const Json& other = a.is_number_unsigned() ? b : a;
  return std::cmp_equal(bare.get<std::uint64_t>(), other.get<std::int64_t>());
}

bool sameNumber(const Json& a, const Json& b) {
  if (a.is_number_float() && b.is_number_float()) return a.get<double>() == b.get<double>();
  if (a.is_number_float()) return sameWholeAndDouble(b, a.get<double>());
  if (b.is_number_float()) return sameWholeAndDouble(a, b.get<double>());
  return sameWhole(a, b);
}

using Members = std::vector<std::pair<const std::string*, const Json*>>;

Members sortedMembers(const Json& object) {
  Members members;
  members.reserve(object.size());
  for (const auto& [name, value] : object.items()) members.emplace_back(&name, &value);
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return *a.first < *b.first; });
  return members;
}

bool sameObject(const Json& a, const Json& b) {
  const Members x = sortedMembers(a), y = sortedMembers(b);
  return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& m, const auto& n) {
    return *m.first == *n.first && sameJson(*m.second, *n.second);
  });
}

}  // namespace

bool sameJson(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return sameNumber(a, b);
  if (a.is_object() && b.is_object()) return sameObject(a, b);
  if (a.is_array() && b.is_array())
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), sameJson);
  return a == b;
}

}  // namespace hexpage
