#include "image.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "tests/support/files.hpp"

namespace hexpage::torture {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct stat statusOf(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) fail("stat " + path);
  return status;
}

std::map<std::string, std::string> attributesOf(const std::string& path) {
  std::map<std::string, std::string> attributes;
  std::string names(65'536, '\0');
  const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
  if (length <= 0) return attributes;  // none, or a file system without
  names.resize(static_cast<std::size_t>(length));
  for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
    const std::string name = names.c_str() + at;
    std::string value(65'536, '\0');
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size >= 0) attributes[name] = value.substr(0, static_cast<std::size_t>(size));
  }
  return attributes;
}

void addFolder(TreeImage& tree, Inode folder, const std::string& path) {
  tree.directories.insert(folder);
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string(), inside = entry.path().string();
    const struct stat status = statusOf(inside);
    tree.names[{folder, name}] = status.st_ino;
    if (S_ISDIR(status.st_mode))
      addFolder(tree, status.st_ino, inside);
    else if (S_ISREG(status.st_mode))
      tree.files[status.st_ino] = {testing::readFile(inside), attributesOf(inside)};
    else
      throw std::runtime_error(inside + ": neither a file nor a directory");
  }
}

void writeFile(const FileImage& file, const std::string& path) {
  constexpr std::size_t kBlock = 4096;
  static const std::string kZeros(kBlock, '\0');
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) fail("create " + path);
  bool isWritten = ::ftruncate(fd, static_cast<off_t>(file.content.size())) == 0;
  for (std::size_t at = 0; at < file.content.size(); at += kBlock) {
    const auto block = std::string_view(file.content).substr(at, kBlock);
    if (kZeros.starts_with(block)) continue;
    isWritten &= ::pwrite(fd, block.data(), block.size(), static_cast<off_t>(at)) ==
                 static_cast<ssize_t>(block.size());
  }
  for (const auto& [name, value] : file.attributes)
    isWritten &= ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0;
  if (!isWritten) fail("write " + path);
  ::close(fd);
}

void writeFolder(const TreeImage& tree, Inode folder, const std::string& path,
                 std::map<Inode, std::string>& written) {
  for (auto it = tree.names.lower_bound({folder, ""});
       it != tree.names.end() && it->first.first == folder; ++it) {
    const std::string inside = path + "/" + it->first.second;
    const Inode inode = it->second;
    if (const auto other = written.find(inode); other != written.end()) {
      // A directory of two names: a rename that a cut has half done. It stays at the first.
      if (!tree.directories.contains(inode) && ::link(other->second.c_str(), inside.c_str()) != 0)
        fail("link " + inside);
      continue;
    }
    written[inode] = inside;
    if (!tree.directories.contains(inode)) {
      const auto file = tree.files.find(inode);
      writeFile(file == tree.files.end() ? FileImage{} : file->second, inside);
      continue;
    }
    if (::mkdir(inside.c_str(), 0700) != 0) fail("mkdir " + inside);
    writeFolder(tree, inode, inside, written);
  }
}

void mix(std::size_t& sum, std::string_view text) {
  sum = (sum ^ std::hash<std::string_view>()(text)) * 0x9e3779b97f4a7c15u + 1;
}

void fingerprintFolder(const TreeImage& tree, Inode folder, std::size_t depth, std::size_t& sum) {
  if (depth > 100) return;
  for (auto it = tree.names.lower_bound({folder, ""});
       it != tree.names.end() && it->first.first == folder; ++it) {
    mix(sum, it->first.second);
    if (tree.directories.contains(it->second)) {
      mix(sum, "/");
      fingerprintFolder(tree, it->second, depth + 1, sum);
      mix(sum, "..");
    } else if (const auto file = tree.files.find(it->second); file != tree.files.end()) {
      mix(sum, file->second.content);
      for (const auto& [name, value] : file->second.attributes) mix(sum, name), mix(sum, value);
    }
  }
}

}  // namespace

TreeImage readTree(const std::string& directory) {
  TreeImage tree;
  tree.root = statusOf(directory).st_ino;
  addFolder(tree, tree.root, directory);
  return tree;
}

void writeTree(const TreeImage& tree, const std::string& directory) {
  std::map<Inode, std::string> written;
  writeFolder(tree, tree.root, directory, written);
}

std::size_t fingerprint(const TreeImage& tree) {
  std::size_t sum = 0;
  fingerprintFolder(tree, tree.root, 0, sum);
  return sum;
}

}  // namespace hexpage::torture
