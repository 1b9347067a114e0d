// The values that cross the public API. Documents are Json in the hash API and JSON text below it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hexpage {

// Keeps the member order of what was stored. A plain nlohmann::json converts to it.
using Json = nlohmann::ordered_json;
using Millis = std::chrono::milliseconds;

inline constexpr std::size_t kMaxDocumentBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxKeyBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxDepth = 512;
inline constexpr std::size_t kDefaultPageSize = 50;
inline constexpr std::size_t kMaxPageSize = 1'000'000;
inline constexpr std::size_t kDefaultMaxBatchBytes = std::size_t{64} << 20;

// When an item expires: milliseconds since 1970-01-01 UTC; 0: never.
using Expires = std::int64_t;
// A time to live that does not end.
inline constexpr Millis kForever = Millis::max();

// One document of a hash, as its JSON text.
struct Item {
  std::string key;
  std::string text;
  Expires expires = 0;

  friend bool operator==(const Item&, const Item&) = default;
};

// What is stored under a key.
struct Value {
  std::string text;
  Expires expires = 0;

  friend bool operator==(const Value&, const Value&) = default;
};

struct HashInfo {
  std::string path;
  std::uint64_t length = 0;                 // items in the hash
  std::size_t pageSize = kDefaultPageSize;  // items in a page before it splits
  Json options = Json::object();            // the header's own members, `page_size` among them,
                                            // in their order; without `type` and `length`
  std::string fault{};                      // only in a list of hashes: why the rest is not known
};

// Some items of a scan. `next` goes on from here in another call or another process; "" is the end.
struct Chunk {
  std::vector<Item> items;
  std::string next;
};

struct PathEntry {
  std::string path;
  bool isHash = false;  // else a plain record

  friend bool operator==(const PathEntry&, const PathEntry&) = default;
};

// Some paths of a listing, in the order of their segments; `next` as in Chunk.
struct PathChunk {
  std::vector<PathEntry> entries;
  std::string next;
};

// How many items a batch added (keys that were new) and removed (keys that were there).
struct Applied {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
};

// One piece of a hash as its backend keeps it: a page, an index, a table. For people to look at.
struct LayoutNode {
  std::string name;       // a file relative to the store, or the backend's own word
  std::size_t depth = 0;  // 0 is the root
  bool isIndex = false;   // holds no items itself, only nodes one level down
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  std::uint64_t capacity = 0;  // items that it has room for; 0: as many as the hash's page size
};

// One thing that a backend tells of its store as a whole. For people to look at.
struct Figure {
  enum class Unit { Count, Bytes };

  std::string name;
  std::uint64_t value = 0;
  Unit unit = Unit::Count;
  std::uint64_t whole = 0;  // what the value is a part of, in the same unit; 0: of nothing
};

enum class Severity { Note, Error };

struct Finding {
  Severity severity = Severity::Error;
  std::string file;    // relative to the store, or a path where there is no file
  std::string reason;  // what is wrong, in words
  std::string action;  // what repair did or, on a dry run, would do; "" for nothing
};

// What a check or a repair saw.
struct Report {
  std::vector<Finding> findings;
  std::uint64_t hashes = 0;
  std::uint64_t records = 0;  // plain ones
  std::uint64_t items = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;

  bool clean() const {
    for (const Finding& finding : findings)
      if (finding.severity == Severity::Error) return false;
    return true;
  }
};

}  // namespace hexpage
