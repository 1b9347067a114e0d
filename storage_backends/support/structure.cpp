#include "support/structure.hpp"

#include <hexpage/error.hpp>
#include <map>
#include <string>

#include "support/path_rules.hpp"

namespace hexpage {
namespace {

// The store as it will be after the changes gone through so far.
class Preview {
 public:
  explicit Preview(Structure& base) : base_(base) {}

  void operator()(const Create& change) { makeHash(change.path); }

  void operator()(const Put& change) {
    const Kind kind = kindOf(change.path);
    if (kind == Kind::Record) throw Error(Code::Conflict, change.path + " is a record, not a hash");
    if (kind == Kind::None) throw Error(Code::NoSuchKey, "no such hash: " + change.path);
  }

  void operator()(const Remove&) {}
  void operator()(const Clear&) {}

  void operator()(const Drop& change) {
    if (kindOf(change.path) == Kind::Hash) kinds_[change.path] = Kind::None;
  }

  void operator()(const Rename& change) {
    if (change.from == change.to || kindOf(change.from) != Kind::Hash) return;
    if (kindOf(change.to) != Kind::Hash) {
      kinds_[change.to] = Kind::None;  // a record there is replaced
      makeHash(change.to);
    }
    kinds_[change.from] = Kind::None;
  }

  void operator()(const PutRecord& change) {
    refuseHash(change.path);
    refuseEnclosed(change.path);
    kinds_[change.path] = Kind::Record;
  }

  void operator()(const EraseRecord& change) {
    refuseHash(change.path);
    refuseEnclosed(change.path);
    kinds_[change.path] = Kind::None;
  }

 private:
  Kind kindOf(std::string_view path) {
    const auto staged = kinds_.find(path);
    return staged != kinds_.end() ? staged->second : base_.kindOf(path);
  }

  void makeHash(const std::string& path) {
    const Kind kind = kindOf(path);
    if (kind == Kind::Hash) return;
    refuseEnclosed(path);
    if (kind == Kind::Record) throw Error(Code::Conflict, path + " is a record, not a hash");
    refuseAround(path);
    kinds_[path] = Kind::Hash;
  }

  void refuseHash(const std::string& path) {
    if (kindOf(path) == Kind::Hash)
      throw Error(Code::Conflict, path +
                                      " is a hash, not a record; its items are removed by "
                                      "hashDeleteAll, with `entire` the hash too");
  }

  void refuseEnclosed(const std::string& path) {
    anyEnclosing(path, [&](std::string_view hash) {
      if (kindOf(hash) == Kind::Hash)
        throw Error(Code::Conflict,
                    path + " lies inside the pages of the hash " + std::string(hash));
      return false;
    });
  }

  void refuseAround(const std::string& path) {
    const std::string pages = pagesOf(path);
    const auto refuse = [&](std::string_view found) {
      throw Error(Code::Conflict, "a hash at " + path + " would keep its pages where " +
                                      std::string(found) + " already is");
    };
    base_.below(pages, [&](std::string_view found) {
      if (kindOf(found) != Kind::None) refuse(found);
      return false;
    });
    for (const auto& [found, kind] : kinds_)
      if (kind != Kind::None && isWithin(found, pages)) refuse(found);
  }

  Structure& base_;
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace

void checkStructure(const Batch& batch, Structure& structure) {
  Preview preview(structure);
  for (const Change& change : batch.changes) std::visit(preview, change);
}

bool isStructural(const Batch& batch, Structure& structure) {
  for (const Change& change : batch.changes) {
    if (std::holds_alternative<Put>(change) || std::holds_alternative<Remove>(change) ||
        std::holds_alternative<Clear>(change))
      continue;
    const auto* create = std::get_if<Create>(&change);
    if (!create || structure.kindOf(create->path) != Kind::Hash) return true;
  }
  return false;
}

bool isRemovalOnly(const Batch& batch) {
  return std::all_of(batch.changes.begin(), batch.changes.end(), [](const Change& change) {
    return std::holds_alternative<Remove>(change) || std::holds_alternative<Clear>(change) ||
           std::holds_alternative<Drop>(change) || std::holds_alternative<EraseRecord>(change);
  });
}

}  // namespace hexpage
