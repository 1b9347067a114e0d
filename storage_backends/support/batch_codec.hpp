// A Batch as bytes: what the journal keeps, and any other place where batches are stored or sent.
//
//   batch  =  version(1 byte, 1)  count(varint)  change*
//   change =  kind(1 byte)  [ path ]  the change's other texts, in the order of batch.hpp
//
// A path or text is its length (varint) and its bytes. The top bit of `kind` says that the path (a
// Rename's `from`) is that of the change before, and is left out. A Put of an item that expires is
// of a kind of its own and has its `expires` (varint) at the end; so is a Remove for expiry.
// Numbers of kinds are never reused.
#pragma once

#include <hexpage/batch.hpp>
#include <string>
#include <string_view>

namespace hexpage {

std::string encode(const Batch& batch);

// Throws Corrupt for anything that encode() does not give, be it made to do harm: no more memory
// is used than some hundred bytes and a path for each byte. Paths and texts are not looked into.
Batch decodeBatch(std::string_view bytes);

}  // namespace hexpage
