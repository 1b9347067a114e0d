// A Batch as bytes: what the journal keeps, and any other place where batches are stored or sent.
//
//   batch  =  version(1 byte, 1)  count(varint)  change*
//   change =  kind(1 byte)  [ path ]  the change's other texts, in the order of batch.hpp
//
// A path or text is its length (varint) and its bytes. The top bit of `kind` says that the path (a
// Rename's `from`) is that of the change before, and is left out. A Put of an item that expires is
// of a kind of its own and has its `expires` (varint) at the end; so is a Remove for expiry.
// Numbers of kinds are never reused. The bit below the top one says that the change was idle: it
// changed nothing, as the removal of what was not there.
#pragma once

#include <functional>
#include <hexpage/batch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// `idle`: which of the changes were; empty when none was.
std::string encode(const Batch& batch, const std::vector<bool>& idle = {});

// Throws Corrupt for anything that encode() does not give, be it made to do harm: no more memory
// is used than some hundred bytes and a path for each byte. Paths and texts are not looked into.
Batch decodeBatch(std::string_view bytes);
// The same without the idle changes.
Batch decodeChanges(std::string_view bytes);

// What of a change tells what was locked for it.
struct TouchedPath {
  std::string_view path;  // into the bytes
  // Items of that hash were put or removed, or nothing was changed; else hashes or records were.
  bool isOfItems;
};
// Visits the paths of the changes, both of a rename. Throws as decodeBatch().
void eachTouchedPath(std::string_view bytes, const std::function<void(const TouchedPath&)>& visit);

}  // namespace hexpage
