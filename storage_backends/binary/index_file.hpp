// The file `index`: pages, directories and nodes of the index as they were at a place in the log.
// Images are added at its end; two superblocks take turns in saying where the newest root is.
// docs/format.md has the bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "binary/address.hpp"
#include "binary/index.hpp"
#include "binary/log_room.hpp"
#include "filesystem/posix.hpp"

namespace hexpage::kv {

inline constexpr const char* kIndexFile = "index";

// What a checkpoint says besides the index itself.
struct Summary {
  std::uint64_t store = 0;
  std::uint64_t hashSeed = 0;
  Lsn applied;  // the index has all before it
  std::uint64_t lastTree = 0;
  std::uint64_t fullBytes = 0;  // of the file when it was last written whole
  std::uint64_t zero = 0;       // where the directory of tree 0 is, 0: nowhere
  std::uint64_t others = 0;     // where the root node is
  struct SegmentState {
    std::uint64_t number = 0;
    std::uint64_t deadBytes = 0;
    std::uint64_t tombstoneBytes = 0;
  };
  std::vector<SegmentState> segments;
};

class IndexFile {
 public:
  // Empty, under a name of its own until install().
  // Throws NoSpace, here and later, when what is written would take room that is kept for
  // compactions.
  static std::unique_ptr<IndexFile> create(int directory, mode_t mode, std::uint64_t store,
                                           const LogRoom& room);
  // nullptr when there is none, or none that belongs to this store and can be read.
  static std::unique_ptr<IndexFile> open(int directory, std::uint64_t store, bool isWritable,
                                         const LogRoom& room);

  // The newest that is whole; `isOlder` when the other superblock is damaged.
  struct Found {
    Summary summary;
    bool isOlder = false;
  };
  std::optional<Found> newest() const;

  enum class Kind : std::uint8_t { Page = 1, Directory = 2, Node = 3, Summary = 4 };
  // Throws Corrupt when what is there is damaged or of another kind.
  std::string read(std::uint64_t location, Kind kind) const;

  // Where it will be; it is written by flush() at the latest.
  std::uint64_t append(Kind kind, std::string_view payload);
  // Makes all that was added count, durably.
  void publish(const Summary& summary);
  // Puts a created file in its place. After publish().
  void install();
  // Takes back what was made or added since, after an error.
  void giveUp() noexcept;
  // Without it, the next opening reads the log.
  static void remove(int directory);

  std::uint64_t bytes() const { return end_ + buffer_.size(); }
  // Whether the name still belongs to this file.
  bool isInPlace() const;
  // Another process may have added to it. Before more is added.
  void seekEnd();

 private:
  IndexFile(int directory, Fd fd, std::string file, std::uint64_t store, const LogRoom& room);
  void flush();
  struct Superblock {
    std::uint64_t generation = 0;
    std::uint64_t root = 0;
  };
  std::optional<Superblock> superblock(unsigned which) const;

  int directory_;
  Fd fd_;
  std::string file_;
  std::uint64_t store_;
  const LogRoom& room_;
  std::uint64_t begin_ = 0;  // what is behind it does not count
  std::uint64_t end_ = 0;
  std::string buffer_;
};

}  // namespace hexpage::kv
