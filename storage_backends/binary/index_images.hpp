// The parts of the index as they stand in index files. A location is an offset and which file:
// while a file is written anew, snapshots may still read the one before.
#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "binary/index.hpp"
#include "binary/index_file.hpp"

namespace hexpage::kv {

inline constexpr unsigned kFileShift = 48;
inline constexpr std::uint64_t kMaxFiles = 16;
inline std::uint64_t locationOf(std::uint64_t file, std::uint64_t offset) {
  return file << kFileShift | offset;
}
inline std::uint64_t fileOf(std::uint64_t location) { return location >> kFileShift; }
inline std::uint64_t offsetOf(std::uint64_t location) {
  return location & ((std::uint64_t{1} << kFileShift) - 1);
}

std::string encode(const Page& page);
// `offsets` are where the directory's pages are, in the file.
std::string encode(const Directory& directory, std::span<const std::uint64_t> offsets);
std::string encode(const TreeNode& node, std::span<const std::uint64_t> offsets);

// The caller frees it. Throws Corrupt.
Page* decodePage(std::string_view bytes);

class IndexFiles : public IndexImages {
 public:
  // The caller frees what these return. Throw Corrupt.
  Page* page(std::uint64_t location) const override;
  Directory* directory(std::uint64_t location) const override;
  TreeNode* node(std::uint64_t location) const override;

  // A number that no file has now; nullopt when all are in use.
  std::optional<std::uint64_t> add(std::shared_ptr<IndexFile> file);
  void remove(std::uint64_t number);

 private:
  std::string read(std::uint64_t location, IndexFile::Kind kind) const;

  mutable std::mutex mutex_;
  std::array<std::shared_ptr<IndexFile>, kMaxFiles> files_;
};

}  // namespace hexpage::kv
