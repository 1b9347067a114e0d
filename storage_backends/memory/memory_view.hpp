// A store in memory as it was at one moment. It shares with the store what nobody has changed since
// (see moments.hpp), so that making one takes time for each hash, not for its items.
#pragma once

#include <cstddef>
#include <cstdint>
#include <hexpage/backend.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memory/catalog.hpp"
#include "memory/directory.hpp"
#include "memory/moments.hpp"
#include "memory/table.hpp"
#include "support/header.hpp"

namespace hexpage {

// The items of one hash then. Throws std::bad_alloc for what was changed where there was no memory
// for a copy.
class TableThen {
 public:
  TableThen(const MemoryTable& table, Moments::Number moment);

  std::uint64_t items() const { return items_; }

  std::optional<Value> get(std::string_view key) const;
  // Calls visit(entry) with the items of whole segments, until isEnough(); gives the cursor to go
  // on from.
  template <class Visit, class IsEnough>
  std::string each(std::string_view cursor, Visit visit, IsEnough isEnough) const {
    std::uint64_t from = MemoryTable::hashAt(cursor);
    for (std::size_t index = indexOf(from); index < parts_.size();) {
      const auto next = eachOfPart(parts_[index], from, visit, isEnough);
      if (!next && ++index == parts_.size()) break;
      from = next ? *next : beginOf(index);
      if (isEnough()) return MemoryTable::cursorAt(from);
    }
    return "";
  }
  // Calls visit(segment) with each, and lets go of them by and by.
  template <class Visit>
  void takeSegments(Visit visit) {
    for (Directory& part : parts_) {
      part.each(beginOf(part), [&](const Segment& segment, std::uint64_t) {
        segment.lookBack(moment_, [&] { visit(segment); });
        return true;
      });
      part = Directory();
    }
  }

 private:
  template <class Visit, class IsEnough>
  std::optional<std::uint64_t> eachOfPart(const Directory& part, std::uint64_t from, Visit visit,
                                          IsEnough isEnough) const {
    return part.each(from, [&](const Segment& segment, std::uint64_t begin) {
      segment.lookBack(moment_, [&] {
        for (const EntryPtr& entry : segment.entries())
          if (begin >= from || keyedHash(entry->key()) >= from) visit(std::as_const(*entry));
      });
      return !isEnough();
    });
  }

  std::size_t indexOf(std::uint64_t hash) const { return bits_ == 0 ? 0 : hash >> (64 - bits_); }
  std::uint64_t beginOf(std::size_t index) const {
    return bits_ == 0 ? 0 : std::uint64_t{index} << (64 - bits_);
  }
  std::uint64_t beginOf(const Directory& part) const {
    return beginOf(static_cast<std::size_t>(&part - parts_.data()));
  }

  Moments::Number moment_;
  unsigned bits_;
  std::uint64_t items_ = 0;
  std::vector<Directory> parts_;  // 2^bits_
};

class MemoryView : public View {
 public:
  struct Place {
    std::string path;
    std::shared_ptr<const Header> header;  // null for a record
    std::shared_ptr<const std::string> record;
    std::optional<TableThen> items;  // of a hash
  };

  // Nobody uses the store meanwhile. Without what is hidden.
  MemoryView(const Catalog& catalog, Moments& moments);

  std::optional<HashInfo> info(std::string_view path) override;
  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override;
  Chunk scan(std::string_view path, std::string_view cursor) override;
  std::string each(std::string_view path, std::string_view cursor, const SeeItem& see) override;
  std::optional<std::string> record(std::string_view path) override;
  PathChunk paths(std::string_view prefix, std::string_view cursor) override;

  std::vector<Place>& places() { return places_; }  // in the order of their paths

 private:
  // Its end is that of the moment.
  class Moment {
   public:
    explicit Moment(Moments& moments) : moments_(moments), number_(moments.begin()) {}
    ~Moment() { moments_.end(number_); }
    Moment(const Moment&) = delete;
    Moment& operator=(const Moment&) = delete;

    Moments::Number number() const { return number_; }

   private:
    Moments& moments_;
    Moments::Number number_;
  };

  const Place* find(std::string_view path) const;
  const Place* findHash(std::string_view path) const;

  std::vector<Place> places_;
  Moment moment_;  // ends before what it had is freed
};

}  // namespace hexpage
