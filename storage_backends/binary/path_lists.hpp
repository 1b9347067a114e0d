// All paths of the catalogue in their order, which a hash tree does not have: lists of a few
// hundred neighbours, each a tree of the store. One record of tree 0 says which list begins where;
// it changes only when a list has grown too long or short, so that one more path costs one short
// record.
#pragma once

#include <functional>
#include <hexpage/kv.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/structure.hpp"

namespace hexpage {

// Its key in tree 0; no path begins with '/'.
inline constexpr std::string_view kListsKey = "/lists";

struct PathList {
  std::string first;  // no path in it goes before; "" for the first one
  kv::TreeId tree = 0;
};

// Ordered by `first`; empty in a new store.
std::vector<PathList> pathLists(const kv::View& view);

// Calls visit(path, kind) for each path that is not before `from`, in the order of pathLess, until
// it gives false.
void walkPaths(const kv::View& view, std::string_view from,
               const std::function<bool(std::string_view path, Kind kind)>& visit);

// The lists as one transaction changes them.
class PathListEdit {
 public:
  PathListEdit(kv::Database& store, kv::Transaction& change) : store_(store), change_(change) {}

  // Also where the path is there already as another kind.
  void add(std::string_view path, Kind kind);
  void remove(std::string_view path);
  // Makes all lists anew with these paths, whatever was in them.
  void rebuild(std::vector<std::pair<std::string, Kind>> paths);

 private:
  struct Open : PathList {
    bool isTouched = false;  // by this transaction: what is in it can not be told any more
  };

  void load();
  kv::TreeId listFor(std::string_view path);
  void balance(std::size_t at);
  void replace(std::size_t begin, std::size_t end);
  std::vector<Open> write(const std::vector<std::pair<std::string, Kind>>& paths,
                          std::string first);
  void save();

  kv::Database& store_;
  kv::Transaction& change_;
  bool isLoaded_ = false;
  std::vector<Open> lists_;
};

}  // namespace hexpage
