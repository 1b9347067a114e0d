#include "binary/binary_check.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "binary/catalogue.hpp"
#include "binary/due_times.hpp"
#include "binary/path_lists.hpp"
#include "support/header.hpp"
#include "support/json_scanner.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kAtOnce = 4096;
constexpr std::size_t kBytesAtOnce = std::size_t{16} << 20;

const std::string kListsPlace = "the lists of paths";
const std::string kTreesPlace = "the trees";
const std::string kTimesReason = "the list of when its items expire is not as they say";

template <class Visit>
void forEachRecord(const kv::View& view, kv::TreeId tree, Visit visit) {
  std::optional<std::uint64_t> from = 0;
  while (from) from = view.scan(tree, *from, kAtOnce, kBytesAtOnce, visit);
}

void requireJson(std::string_view text) {
  JsonScanner scanner(text);
  scanner.value();
  scanner.end();
}

// Whether what is in a tree that nothing leads to was a hash's; else it was a list.
bool hasItems(const kv::View& view, kv::TreeId tree) {
  bool areItems = false;
  view.scan(tree, 0, 1, 1, [&](const kv::Entry& entry) {
    try {
      requireJson(decodeItem(entry.value, "a lost tree").text);
      areItems = true;
    } catch (const JsonError&) {
      areItems = false;
    }
  });
  return areItems;
}

class CatalogueCheck {
 public:
  CatalogueCheck(const kv::View& view, Report& report) : view_(view), report_(report) {}

  void run() {
    forEachRecord(view_, kCatalogue, [this](const kv::Entry& entry) {
      if (isPath(entry.key)) checkPath(std::string(entry.key), entry.value);
    });
    checkLists();
    checkTrees();
  }

  // What was found out, for repair.
  const std::map<std::string, Kind>& kinds() const { return kinds_; }
  bool areListsRight() const { return areListsRight_; }
  const std::vector<kv::TreeId>& strayTrees() const { return strayTrees_; }
  const std::map<std::string, CatalogueEntry>& wrongTimes() const { return wrongTimes_; }

 private:
  void add(Severity severity, const std::string& where, const std::string& reason) {
    report_.findings.push_back({severity, where, reason, ""});
  }

  void checkPath(const std::string& path, std::string_view bytes) {
    try {
      const CatalogueEntry entry = decodeEntry(bytes, path);
      kinds_[path] = entry.kind;
      report_.bytes += entry.text.size();
      requireJson(entry.text);
      if (entry.kind == Kind::Record) {
        ++report_.records;
        return;
      }
      ++report_.hashes;
      if (!trees_.insert(entry.items).second)
        add(Severity::Error, path, "has its items in the same tree as another hash");
      if (!Header::parse(entry.text)) add(Severity::Error, path, "its header is none of a hash");
      checkItems(path, entry);
    } catch (const JsonError& error) {
      add(Severity::Error, path, std::string("not valid JSON: ") + error.what());
    } catch (const Error& error) {
      add(Severity::Error, path, error.what());
    }
  }

  void checkItems(const std::string& path, const CatalogueEntry& hash) {
    const kv::TreeId tree = hash.items;
    std::uint64_t items = 0, expiring = 0;
    forEachRecord(view_, tree, [&](const kv::Entry& entry) {
      ++items;
      const auto [expires, text] = decodeItem(entry.value, path);
      expiring += expires != 0;
      report_.bytes += entry.key.size() + text.size();
      try {
        requireJson(text);
      } catch (const JsonError& error) {
        add(Severity::Error, path,
            "item " + std::string(entry.key) + " is not valid JSON: " + error.what());
      }
    });
    report_.items += items;
    if (items != view_.count(tree))
      add(Severity::Error, path,
          "its length is " + std::to_string(view_.count(tree)) + ", but it has " +
              std::to_string(items) + " items");
    if (!areTimesRight(path, hash, expiring)) {
      add(Severity::Error, path, kTimesReason);
      wrongTimes_[path] = hash;
    }
  }

  // Each is of an item that expires then; so they are as many as such items.
  bool areTimesRight(const std::string& path, const CatalogueEntry& hash, std::uint64_t expiring) {
    if (hash.due == 0) return expiring == 0;
    trees_.insert(hash.due);
    const OrderedKeys times = dueTimes(hash.due);
    for (const KeyList& list : times.lists(view_)) trees_.insert(list.tree);
    std::uint64_t known = 0;
    bool areRight = true;
    times.walk(view_, "", [&](std::string_view due, std::string_view) {
      const DueItem item = decodeDue(due, path);
      Expires expires = 0;
      view_.read(
          item.key, [&](std::string_view value) { expires = decodeItem(value, path).expires; },
          hash.items);
      areRight = areRight && expires == item.expires;
      ++known;
      return areRight;
    });
    return areRight && known == expiring;
  }

  void checkLists() {
    std::map<std::string, Kind> listed;
    std::string before;
    for (const KeyList& list : allPaths().lists(view_)) trees_.insert(list.tree);
    walkPaths(view_, "", [&](std::string_view path, Kind kind) {
      if (!before.empty() && !pathLess(before, path)) areListsRight_ = false;
      before = path;
      listed.emplace(path, kind);
      return true;
    });
    areListsRight_ = areListsRight_ && listed == kinds_;
    if (!areListsRight_) add(Severity::Error, kListsPlace, "they are not as the catalogue says");
  }

  void checkTrees() {
    for (const kv::TreeId tree : view_.trees())
      if (!trees_.contains(tree)) strayTrees_.push_back(tree);
    if (!strayTrees_.empty())
      add(Severity::Error, kTreesPlace,
          std::to_string(strayTrees_.size()) + " trees belong to no hash");
  }

  const kv::View& view_;
  Report& report_;
  std::map<std::string, Kind> kinds_;
  std::set<kv::TreeId> trees_;
  bool areListsRight_ = true;
  std::vector<kv::TreeId> strayTrees_;
  std::map<std::string, CatalogueEntry> wrongTimes_;
};

// When its items expire, from the items.
void writeTimes(kv::Database& store, kv::Transaction& change, const kv::View& view,
                const std::string& path, CatalogueEntry hash) {
  if (hash.due == 0) {
    hash.due = change.newTree();
    change.set(path, encodeEntry(hash), kCatalogue);
  }
  OrderedKeysEdit edit(dueTimes(hash.due), store, change);
  edit.clear();
  forEachRecord(view, hash.items, [&](const kv::Entry& entry) {
    if (const Expires expires = decodeItem(entry.value, path).expires; expires != 0)
      edit.put(encodeDue({expires, entry.key}), kDueValue);
  });
  edit.finish();
}

}  // namespace

void checkCatalogue(const kv::View& view, Report& report) { CatalogueCheck(view, report).run(); }

void repairCatalogue(kv::Database& store, Report& report, bool dryRun) {
  kv::Transaction change = store.begin();
  const kv::Snapshot now = store.snapshot();
  const kv::View view = now.view();
  CatalogueCheck check(view, report);
  check.run();
  if (check.areListsRight() && check.strayTrees().empty() && check.wrongTimes().empty()) return;
  std::map<std::string, Kind> kinds = check.kinds();
  for (const auto& [path, hash] : check.wrongTimes()) writeTimes(store, change, view, path, hash);
  for (const kv::TreeId tree : check.strayTrees()) {
    if (!hasItems(view, tree)) {
      change.dropTree(tree);
      continue;
    }
    const std::string path = "lost/tree" + std::to_string(tree);
    const CatalogueEntry hash{Kind::Hash, tree, 0, Header::make("{}", Style::Compact).text()};
    change.set(path, encodeEntry(hash), kCatalogue);
    writeTimes(store, change, view, path, hash);
    kinds[path] = Kind::Hash;
    report.findings.push_back(
        {Severity::Error, path, "items of a hash that is lost", "they are in the hash " + path});
  }
  PathListEdit lists(store, change);
  lists.clear();
  for (const auto& [path, kind] : kinds) lists.add(path, kind);
  lists.finish();
  for (Finding& finding : report.findings)
    if (finding.file == kListsPlace || finding.file == kTreesPlace ||
        finding.reason == kTimesReason)
      finding.action = "made right";
  if (!dryRun) change.commit();
}

}  // namespace hexpage
