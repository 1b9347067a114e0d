// Keys in their order, which a hash tree does not have: lists of a few hundred neighbours, each a
// tree of the store. One record says which list begins where; it changes only when a list has grown
// too long or short, so that one more key costs one short record.
#pragma once

#include <functional>
#include <hexpage/kv.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

struct KeyList {
  std::string first;  // no key in it goes before, but for the first list
  kv::TreeId tree = 0;
};

// Which keys they are.
struct OrderedKeys {
  using Less = bool (*)(std::string_view a, std::string_view b);
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  // Ordered by `first`; none before there are keys.
  std::vector<KeyList> lists(const kv::View& view) const;
  // Calls visit(key, value) for each key that is not before `from`, in order, until it gives false.
  void walk(const kv::View& view, std::string_view from, const Visit& visit) const;

  kv::TreeId tree = 0;  // where the record of the lists stands
  std::string_view record{};
  Less less = nullptr;
};

// Them as one transaction changes them. Nothing is read or written before the end.
class OrderedKeysEdit {
 public:
  OrderedKeysEdit(const OrderedKeys& keys, kv::Database& store, kv::Transaction& change)
      : keys_(keys), store_(store), change_(change), pending_(keys.less) {}

  void put(std::string_view key, std::string_view value) { pending_[std::string(key)] = value; }
  // One that is there.
  void remove(std::string_view key) { pending_[std::string(key)] = std::nullopt; }
  // All that there are so far.
  void clear();
  // Writes all into the transaction; once.
  void finish();

 private:
  struct List : KeyList {
    bool isTouched = false;  // by this transaction: what is in it can not be read any more
  };
  using Pending = std::map<std::string, std::optional<std::string>, OrderedKeys::Less>;
  using Keys = std::map<std::string, std::string, OrderedKeys::Less>;
  struct Part {  // the changes of one list, and how long it will be
    Pending::const_iterator begin, end;
    std::uint64_t length = 0;
  };

  void load();
  Part partOf(std::size_t list, Pending::const_iterator begin) const;
  void edit(std::size_t list, const Part& part);
  bool canJoin(std::size_t list, std::uint64_t length, const Part& part) const;
  void change(List& list, const Part& part);
  void rewrite(std::size_t first, std::size_t last, const Part& part);
  void save();

  const OrderedKeys keys_;
  kv::Database& store_;
  kv::Transaction& change_;
  Pending pending_;
  bool isCleared_ = false;
  bool haveListsChanged_ = false;
  std::vector<List> lists_;
};

}  // namespace hexpage
