// The stores that hexpage's side measures.
#pragma once

#include <hexpage/hexpage.hpp>
#include <stdexcept>
#include <string>

namespace hexpage::bench {

inline constexpr const char* kHash = "bench/users";
inline constexpr std::size_t kPageSize = 50;

inline Storage openStore(const std::string& directory, const std::string& durability = "crash") {
  return Storage::open({{"backend", "filesystem"},
                        {"hash_page_size", kPageSize},
                        {"durability", durability},
                        {"filesystem", {{"base_dir", directory}, {"raw_file_paths", true}}}});
}

inline void expect(bool isSo, const std::string& what) {
  if (!isSo) throw std::runtime_error("the store is wrong: " + what);
}

}  // namespace hexpage::bench
