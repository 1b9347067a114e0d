// Whole JSON records by path: what the paged layout stands on. Paths are those of hashes.hpp, the
// pages of a hash P at `P/data`, `P/data/3`, ... and hidden ones (see backend.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <hexpage/backend.hpp>
#include <hexpage/types.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// Tells one content of a record from another: changes whenever the record is written, by whomever.
struct Stamp {
  std::uint64_t inode = 0;
  std::int64_t modifiedNanos = 0;
  std::uint64_t size = 0;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

struct StoredRecord {
  std::string text;
  Stamp stamp;
};

// One record's part of a commit: a new text, another record that takes its place, or its removal.
struct RecordWrite {
  enum class Kind { Text, Move, Removal };

  std::string path;
  Kind kind = Kind::Removal;
  std::string content;   // the text, or the path of the record that moves here
  bool isNamed = false;  // the record is a hash or a plain record, not a page
};

// What walk() is to do after a record.
enum class Walk { On, SkipPages, Stop };

// All calls may come from several threads at once.
class RecordStore {
 public:
  virtual ~RecordStore() = default;

  // nullopt when there is no record; anything else that keeps it from being read is an Error.
  virtual std::optional<StoredRecord> read(std::string_view path) = 0;
  virtual std::optional<Stamp> stamp(std::string_view path) = 0;

  // All or none; in the order given, so that a reader of the files meets a page before what leads
  // to it. Gives the stamps of the texts stored, in the same order. No path may be in it twice.
  virtual std::vector<Stamp> commit(std::span<const RecordWrite> writes) = 0;

  virtual void sync() = 0;

  // Calls visit with each record of the store whose path is `root` or below it ("" for all), hidden
  // ones only when root is hidden; a record right before what is below it. Where the layout does
  // not tell paths, with those that are known. `after` resumes behind that path; the path itself
  // and those that it is below may be visited again.
  virtual void walk(std::string_view root, std::string_view after,
                    const std::function<Walk(std::string_view path)>& visit) = 0;
  // Makes a path known to walk() where the layout does not tell it.
  virtual void remember(std::string_view path) = 0;

  // Whether the layout tells paths: then walk() misses none.
  virtual bool tellsPaths() const = 0;

  // The file that holds the record, relative to the store.
  virtual std::string fileOf(std::string_view path) = 0;
  // Every file of the store, relative, sorted.
  virtual std::vector<std::string> files() = 0;
  // The text of any of them.
  virtual std::string readFile(const std::string& file) = 0;
  // Moves a file out of the way, or keeps a copy of it there, and gives the new name.
  enum class Aside { Move, Copy };
  virtual std::string quarantine(const std::string& file, Aside aside) = 0;

  virtual Locks& locks() = 0;
};

}  // namespace hexpage
