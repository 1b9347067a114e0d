// What a store holds, as plain maps: the model of a workload, and what is read back of a store.
// Documents are kept as their compact text, so that equal values are equal texts.
#pragma once

#include <hexpage/hexpage.hpp>
#include <map>
#include <optional>
#include <string>

namespace hexpage::torture {

using Documents = std::map<std::string, std::string>;  // text by key

// A document that has this member lives so long and no longer; any other lives for ever.
inline constexpr const char* kLives = "lives";
inline constexpr Millis kLife = std::chrono::hours(1);

struct Contents {
  std::map<std::string, Documents> hashes;
  Documents records;  // text by path

  friend bool operator==(const Contents&, const Contents&) = default;
};

// Everything in the store. Throws std::runtime_error when a hash has not as many items as it
// counts, when an item comes twice, when a listing and a look-up differ, or when an item does not
// expire as it says.
Contents readAll(Storage& storage);

// What is below the folder, and the hash without a look at its length: what one worker knows, while
// others change the rest.
Contents readPart(Storage& storage, const std::string& folder, const std::string& hash);

// The first thing in which `found` differs from `expected`, in words; nullopt when in none.
std::optional<std::string> difference(const Contents& found, const Contents& expected);

}  // namespace hexpage::torture
