// What processes did to a directory, change by change, in the one order in which it happened:
// enough to tell what each of its files and names may look like after a power cut at any moment.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hexpage::torture {

using Inode = std::uint64_t;                  // 0: none
using Place = std::pair<Inode, std::string>;  // a name in a directory

struct Write {
  Inode file;
  std::uint64_t offset;
  std::string bytes;
};

struct Resize {
  Inode file;
  std::uint64_t size;
  bool onlyGrows;
};

struct SetAttribute {
  Inode file;
  std::string name;
  std::optional<std::string> value;  // nullopt: removed
};

// Names that change together; 0 stands for no file.
struct Rebind {
  std::vector<std::pair<Place, Inode>> names;
};

// A file's contents, or a directory's names, are on disk; without `what` all of the file system is.
struct Sync {
  std::optional<Inode> what;
};

using DiskChange = std::variant<Write, Resize, SetAttribute, Rebind, Sync>;

// How far a worker is.
struct Mark {
  std::uint32_t begun = 0;
  std::uint32_t acknowledged = 0;
  std::uint32_t synced = 0;  // operations that a returned Storage::sync() covers
};

struct LogEntry {
  DiskChange change;
  const char* call;         // the system call's name
  std::vector<Mark> marks;  // of each process, just before it
};

struct FileImage {
  std::string content;
  std::map<std::string, std::string> attributes;

  friend auto operator<=>(const FileImage&, const FileImage&) = default;
};

// A directory tree at rest.
struct TreeImage {
  Inode root = 0;
  std::set<Inode> directories;
  std::map<Inode, FileImage> files;
  std::map<Place, Inode> names;
};

struct Log {
  TreeImage before;  // all of it on disk
  std::set<Inode> directories;
  std::vector<LogEntry> entries;
  std::vector<Mark> atEnd;

  // Of a cut before entry n.
  const std::vector<Mark>& marksAt(std::size_t n) const {
    return n < entries.size() ? entries[n].marks : atEnd;
  }
};

}  // namespace hexpage::torture
