// The frames of a backup: see docs/format.md.
#pragma once

#include <cstdint>
#include <hexpage/backup.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bucket_table.hpp"
#include "item_digest.hpp"

namespace hexpage {

enum class FrameType : std::uint8_t {
  Head = 'B',
  Hash = 'H',
  Items = 'I',
  HashEnd = 'E',
  End = 'Z'
};

struct BackupHead {
  std::string id;
  std::string since;   // id of the backup that this one has the changes of; "" for a whole one
  std::string moment;  // View::moment() of what was saved
};

// The plain records are a hash of their own without a path and a header, in which a record's path
// is the key.
struct BackupHash {
  std::string path;
  std::string header;
  // Only the items of these buckets, or with these keys, follow; they take the place of all that
  // were in the buckets, or had the keys. With neither all items follow.
  std::optional<std::vector<std::uint64_t>> buckets{};
  std::optional<std::vector<std::string>> keys{};
};

struct BackupHashEnd {
  ItemDigest digest;  // of all its items, also those that are in an earlier backup
  BucketTable table;
};

class BackupWriter {
 public:
  explicit BackupWriter(const BackupSink& sink);

  void head(const BackupHead& head);
  void hash(const BackupHash& hash);
  void item(const Item& item);
  void hashEnd(const BackupHashEnd& end);
  void end(const BackupContents& contents);

 private:
  void frame(FrameType type, std::string_view payload);
  void flushItems();

  const BackupSink& sink_;
  std::uint64_t checksum_ = 0;  // of the frame before
  std::string items_;
};

// Reads all frames and calls for each what is in it, in order; the order of the frames is checked.
class BackupVisitor {
 public:
  virtual ~BackupVisitor() = default;

  virtual void head(const BackupHead& head) = 0;
  virtual void hash(BackupHash hash) = 0;
  virtual void item(Item item) = 0;
  virtual void hashEnd(BackupHashEnd end) = 0;
};

// Throws Corrupt that names the backup, also when something follows its end.
BackupContents readBackup(const BackupSource& source, BackupVisitor& visitor);

}  // namespace hexpage
