// Which paths lie inside a hash's pages. A hash at P owns P/data and everything below it.
#pragma once

#include <algorithm>

#include <string>
#include <string_view>

namespace hexpage {

inline constexpr std::string_view kPages = "/data";

inline std::string pagesOf(std::string_view hash) {
  return std::string(hash) + std::string(kPages);
}

// Calls visit(Q) for each path Q whose pages, were Q a hash, would hold `path`; stops and gives
// true as soon as visit does.
template <class Visit>
bool anyEnclosing(std::string_view path, Visit visit) {
  for (std::size_t at = path.find(kPages); at != std::string_view::npos;
       at = path.find(kPages, at + 1)) {
    const std::size_t end = at + kPages.size();
    if (at > 0 && (end == path.size() || path[end] == '/') && visit(path.substr(0, at)))
      return true;
  }
  return false;
}

inline bool isHidden(std::string_view path) { return path.starts_with('.'); }

// Whether `path` is `root` or below it.
inline bool isWithin(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

// Orders paths so that a path comes right before what is below it.
inline bool pathLess(std::string_view a, std::string_view b) {
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
  const std::size_t size = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i]) return rank(a[i]) < rank(b[i]);
  return a.size() < b.size();
}

}  // namespace hexpage
