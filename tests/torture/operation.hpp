// One call of the public API as a value: it can be made on a store, and on the model of one.
#pragma once

#include <hexpage/hexpage.hpp>
#include <string>
#include <utility>
#include <vector>

#include "contents.hpp"

namespace hexpage::torture {

enum class Kind {
  Put,
  PutMany,
  Update,
  Remove,
  RemoveMany,
  Create,
  Clear,
  Drop,
  Rename,
  Copy,
  SetPageSize,
  PutRecord,
  EraseRecord,
  MoveRecord,
  PutFor,       // as Put, for an hour; the documents say so
  Increment,    // a counter, by the number that is its text
  Expire,       // of what is there: its time comes, and it is swept away
  Transaction,  // its parts, all or none
};

struct Operation {
  Kind kind = Kind::Put;
  std::string path = {};
  std::string to = {};  // of Rename, Copy and MoveRecord
  // Key and text; what is removed has no text.
  std::vector<std::pair<std::string, std::string>> items = {};
  std::size_t pageSize = 0;
  std::vector<Operation> parts = {};
};

// As in "removeMany".
std::string word(Kind kind);

// As in "put w0/a k3", for messages.
std::string describe(const Operation& operation);

// What is not there can not be removed, updated, moved or copied: nothing happens then.
void perform(const Operation& operation, Contents& model);

// The same on a store. Throws what the call throws, but for a NoSuchKey of what hashHas() or has()
// does not find either.
void perform(const Operation& operation, Storage& storage);

}  // namespace hexpage::torture
