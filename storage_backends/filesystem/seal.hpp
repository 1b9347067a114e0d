// A checksum of a record's file beside its content: in the extended attribute `user.hexpage`, so
// that the content stays what Node reads and writes. It covers where the content belongs, too: a
// file that was swapped with another one does not match. One that comes from another store is as
// unknown as one that Node wrote.
//
//   attribute =  version(1 byte, 1)  hasChildren(1)  children(2)  store(4)  content(8)  identity(8)
//
// in little-endian order: store is the low half of the store's id, content the XXH3 of the text,
// identity that of the bytes before it and the record's path, seeded with the store's id. Children
// is a bit for each of the sixteen records below an index, the lowest for 0.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "paged/record_store.hpp"

namespace hexpage {

struct Seal {
  SealState state = SealState::Unknown;
  Children children;  // as an index had them when it was sealed
};

// The seals of one store. Immutable.
class Seals {
 public:
  explicit Seals(std::uint64_t store) : store_(store) {}

  // Seals an open file whose whole content is `text`, as the record of that path. False where the
  // filesystem can not hold it; any other failure throws (NoSpace, Io). `file` is for the message.
  bool write(int fd, std::string_view path, std::string_view text, Children children,
             const std::string& file) const;

  // Compares what was read. Throws Io.
  Seal check(int fd, std::string_view path, std::string_view text, const std::string& file) const;

  // Of a file whose content becomes the record of another path, itself or in another file: it is as
  // good or as bad as before. The content is not read.
  void move(int fd, int target, std::string_view from, std::string_view to,
            const std::string& file) const;

  // Takes the seal away, if there is one; the file is of unknown origin then.
  static void remove(int fd, const std::string& file);

 private:
  bool isOfStore(std::string_view seal) const;
  std::string identityOf(std::string_view head, std::string_view path) const;

  const std::uint64_t store_;
};

struct SealedContent {
  std::string text;
  struct stat status;
  Seal seal;
};

// As readRegular, with the seal compared.
std::optional<SealedContent> readSealed(int directory, const std::string& file,
                                        std::string_view path, const Seals& seals);

// Throws the Corrupt that names the file and says what to do.
[[noreturn]] void refuseDamaged(const std::string& file);

// Whether the filesystem of the folder can hold seals.
bool canSeal(int directory, const std::string& folder);

}  // namespace hexpage
