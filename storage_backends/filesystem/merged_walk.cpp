#include "filesystem/merged_walk.hpp"

#include "support/path_rules.hpp"

namespace hexpage {

void walkMerged(const FileStore& files, const std::vector<std::pair<std::string, bool>>& dirty,
                std::string_view root, std::string_view after,
                const std::function<Walk(std::string_view path)>& visit) {
  auto next = dirty.begin();
  // Visits those that no file has yet; false when it is to stop.
  const auto visitBefore = [&](const std::string_view* path) {
    for (; next != dirty.end() && (!path || pathLess(next->first, *path)); ++next) {
      const bool isDue = next->second && (after.empty() || pathLess(after, next->first));
      if (isDue && visit(next->first) == Walk::Stop) return false;
    }
    return true;
  };
  bool isStopped = false;
  files.walk(root, after, [&](std::string_view path) {
    isStopped = !visitBefore(&path);
    if (isStopped) return Walk::Stop;
    if (next != dirty.end() && next->first == path && !next++->second) return Walk::On;
    const Walk walk = visit(path);
    isStopped = walk == Walk::Stop;
    return walk;
  });
  if (!isStopped) visitBefore(nullptr);
}

}  // namespace hexpage
