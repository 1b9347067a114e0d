// Files of a store as texts, for tests that look at or damage what is on disk.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace hexpage::testing {

inline std::string readFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("can not read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

// Makes the directories above it, too.
inline void writeFile(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) throw std::runtime_error("can not write " + file.string());
}

// The text of every file below the directory by its path there, without what is hidden
// (`.hexpage`).
inline std::map<std::string, std::string> visibleFiles(const std::filesystem::path& dir) {
  std::map<std::string, std::string> files;
  for (auto it = std::filesystem::recursive_directory_iterator(dir);
       it != std::filesystem::recursive_directory_iterator(); ++it) {
    if (it->path().filename().string().starts_with('.'))
      it.disable_recursion_pending();
    else if (it->is_regular_file())
      files[it->path().lexically_relative(dir).string()] = readFile(it->path());
  }
  return files;
}

// Every visible file and directory below the directory, sorted; a directory ends in '/'.
inline std::vector<std::string> visibleTree(const std::filesystem::path& dir) {
  std::vector<std::string> tree;
  for (auto it = std::filesystem::recursive_directory_iterator(dir);
       it != std::filesystem::recursive_directory_iterator(); ++it) {
    if (it->path().filename().string().starts_with('.')) {
      it.disable_recursion_pending();
      continue;
    }
    tree.push_back(it->path().lexically_relative(dir).string() + (it->is_directory() ? "/" : ""));
  }
  std::sort(tree.begin(), tree.end());
  return tree;
}

}  // namespace hexpage::testing
