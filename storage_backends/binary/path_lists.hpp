// All paths of the catalogue in their order.
#pragma once

#include <functional>
#include <hexpage/kv.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "binary/ordered_keys.hpp"
#include "support/structure.hpp"

namespace hexpage {

// Each path, in the order of pathLess, with 'h' for a hash or 'r' for a record as its value.
OrderedKeys allPaths();

// Calls visit(path, kind) for each path that is not before `from`, in order, until it gives false.
void walkPaths(const kv::View& view, std::string_view from,
               const std::function<bool(std::string_view path, Kind kind)>& visit);

// The paths as one transaction changes them.
class PathListEdit {
 public:
  PathListEdit(kv::Database& store, kv::Transaction& change) : edit_(allPaths(), store, change) {}

  // Also where the path is there already as another kind.
  void add(std::string_view path, Kind kind) { edit_.put(path, kind == Kind::Hash ? "h" : "r"); }
  void remove(std::string_view path) { edit_.remove(path); }
  // As OrderedKeysEdit has them.
  void clear() { edit_.clear(); }
  void finish() { edit_.finish(); }

 private:
  OrderedKeysEdit edit_;
};

}  // namespace hexpage
