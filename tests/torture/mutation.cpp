#include "mutation.hpp"

#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <system_error>

#include "tests/support/files.hpp"

namespace hexpage::torture {
namespace {

namespace fs = std::filesystem;
using hexpage::testing::Random;
using hexpage::testing::readFile;

std::vector<std::string> filesBelow(const fs::path& dir) {
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(dir))
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(dir).string());
  std::sort(files.begin(), files.end());
  return files;
}

// Copies what is kept beside the content; a file system without attributes has none to copy.
void copyAttributes(const fs::path& from, const fs::path& to) {
  std::array<char, 4096> names{};
  const ssize_t length = ::listxattr(from.c_str(), names.data(), names.size());
  for (ssize_t at = 0; at < length;) {
    const std::string name = names.data() + at;
    std::array<char, 4096> value{};
    const ssize_t size = ::getxattr(from.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0 ||
        ::setxattr(to.c_str(), name.c_str(), value.data(), static_cast<std::size_t>(size), 0) != 0)
      throw std::system_error(errno, std::generic_category(), "copy attribute " + name);
    at += static_cast<ssize_t>(name.size()) + 1;
  }
}

// In place, so that the file keeps its attributes.
void overwrite(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::in | std::ios::trunc | std::ios::out);
  out << text;
  if (!out.flush()) throw std::runtime_error("can not write " + file.string());
}

void replaceBy(const fs::path& file, const fs::path& other) {
  fs::remove(file);
  fs::copy_file(other, file);
  copyAttributes(other, file);
}

void flipBit(std::string& text, Random& random) {
  if (!text.empty()) text[random.below(text.size())] ^= static_cast<char>(1U << random.below(8));
}

void zeroSector(std::string& text, Random& random) {
  if (text.empty()) return;
  const std::size_t begin = random.below((text.size() + 511) / 512) * 512;
  for (std::size_t i = begin; i < text.size() && i < begin + 512; ++i) text[i] = '\0';
}

void scribble(std::string& text, Random& random) {
  if (text.empty()) return;
  const std::size_t begin = random.below(text.size());
  for (std::size_t i = begin; i < text.size() && i < begin + 16; ++i)
    text[i] = static_cast<char>(random.below(256));
}

void cut(std::string& text, Random& random) {
  if (!text.empty()) text.resize(random.below(text.size()));
}

void lengthen(std::string& text, Random& random) { text += text.substr(0, 1 + random.below(64)); }

struct Edit {
  const char* kind;
  void (*apply)(std::string& text, Random& random);
};

// A flipped bit is the hardest to notice, so it is tried most.
constexpr Edit kEdits[] = {
    {"bit flipped", flipBit},   {"bit flipped", flipBit},
    {"bit flipped", flipBit},   {"sector zeroed", zeroSector},
    {"scribbled on", scribble}, {"cut", cut},
    {"lengthened", lengthen},   {"emptied", [](std::string& text, Random&) { text.clear(); }}};

}  // namespace

std::string Mutation::describe() const {
  std::string text = kind;
  for (const std::string& file : files) text += " " + file;
  return text;
}

Mutation mutate(const fs::path& store, const fs::path& old, Random& random) {
  const std::vector<std::string> files = filesBelow(store);
  const std::string file = files[random.below(files.size())];
  const std::string other = files[random.below(files.size())];
  switch (random.below(12)) {
    case 0:
      fs::remove(store / file);
      return {"deleted", {file}};
    case 1:
      if (file == other) break;
      fs::rename(store / file, store / "mixed.up");
      fs::rename(store / other, store / file);
      fs::rename(store / "mixed.up", store / other);
      return {"swapped", {file, other}};
    case 2:
      if (file == other) break;
      replaceBy(store / file, store / other);
      return {"replaced by a copy of another", {file, other}};
    case 3:
      if (!fs::exists(old / file)) break;
      replaceBy(store / file, old / file);
      return {"an old version put back", {file}};
    default:
      break;
  }
  const Edit& edit = kEdits[random.below(std::size(kEdits))];
  std::string text = readFile(store / file);
  edit.apply(text, random);
  overwrite(store / file, text);
  return {edit.kind, {file}};
}

void copyTree(const fs::path& from, const fs::path& to) {
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  for (const std::string& file : filesBelow(from)) copyAttributes(from / file, to / file);
}

}  // namespace hexpage::torture
