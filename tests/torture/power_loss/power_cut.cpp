#include "power_cut.hpp"

#include <algorithm>
#include <map>

namespace hexpage::torture {
namespace {

using testing::Random;

constexpr std::uint64_t kSector = 512;  // a disk writes as much whole or not at all

template <class... Each>
struct Overload : Each... {
  using Each::operator()...;
};

void writeInto(std::string& content, std::uint64_t offset, std::string_view bytes) {
  content.resize(std::max<std::uint64_t>(content.size(), offset + bytes.size()));
  content.replace(offset, bytes.size(), bytes);
}

// Some of the sectors that the write touches, each by itself.
void writeTorn(std::string& content, const Write& write, Random& random) {
  const std::uint64_t end = write.offset + write.bytes.size();
  for (std::uint64_t at = write.offset; at < end;) {
    const std::uint64_t next = std::min(end, (at / kSector + 1) * kSector);
    if (random.oneIn(2))
      writeInto(content, at, std::string_view(write.bytes).substr(at - write.offset, next - at));
    at = next;
  }
}

class Cut {
 public:
  Cut(const Log& log, std::size_t cut, const Policy& policy, Random& random)
      : log_(log), cut_(cut), policy_(policy), random_(random), isSynced_(cut, false) {}

  TreeImage tree() {
    findSynced();
    const std::size_t prefix = random_.below(cut_ + 1);
    TreeImage tree = log_.before;
    tree.directories = log_.directories;
    for (std::size_t i = 0; i < cut_; ++i)
      std::visit(Overload{[&](const Rebind& change) {
                            if (isSynced_[i] || keepsName(i, prefix)) rebind(tree, change);
                          },
                          [](const Sync&) {},
                          [&](const auto& change) {
                            FileImage& file = tree.files[change.file];
                            if (isSynced_[i])
                              keep(file, change);
                            else
                              perhaps(file, change);
                          }},
                 log_.entries[i].change);
    return tree;
  }

 private:
  // An entry is on disk when a later sync covers it.
  void findSynced() {
    std::map<Inode, std::vector<std::size_t>> open;  // by file or directory, not synced yet
    for (std::size_t i = 0; i < cut_; ++i)
      std::visit(Overload{[&](const Sync& sync) {
                            for (auto& [inode, entries] : open) {
                              if (sync.what && *sync.what != inode) continue;
                              for (const std::size_t entry : entries) isSynced_[entry] = true;
                              entries.clear();
                            }
                          },
                          [&](const Rebind& change) {
                            for (const auto& [place, target] : change.names)
                              open[place.first].push_back(i);
                          },
                          [&](const auto& change) { open[change.file].push_back(i); }},
                 log_.entries[i].change);
    for (std::size_t i = 0; i < cut_; ++i)
      if (isSynced_[i] && std::holds_alternative<Rebind>(log_.entries[i].change)) lastName_ = i;
  }

  bool keepsName(std::size_t i, std::size_t prefix) {
    switch (policy_.names) {
      case Policy::Names::Lost:
        return false;
      case Policy::Names::Kept:
        return true;
      case Policy::Names::Prefix:  // one that is on disk takes all before it along
        return i < std::max(prefix, lastName_);
      case Policy::Names::Subset:
        return random_.oneIn(2);
    }
    return false;
  }

  static void rebind(TreeImage& tree, const Rebind& change) {
    for (const auto& [place, target] : change.names) {
      if (target == 0)
        tree.names.erase(place);
      else
        tree.names[place] = target;
    }
  }

  static void keep(FileImage& file, const Write& change) {
    writeInto(file.content, change.offset, change.bytes);
  }
  static void keep(FileImage& file, const Resize& change) {
    if (!change.onlyGrows || file.content.size() < change.size) file.content.resize(change.size);
  }
  static void keep(FileImage& file, const SetAttribute& change) {
    if (change.value)
      file.attributes[change.name] = *change.value;
    else
      file.attributes.erase(change.name);
  }

  template <class Change>
  void perhaps(FileImage& file, const Change& change) {
    const bool isKept = policy_.contents == Policy::Contents::Kept ||
                        (policy_.contents != Policy::Contents::Lost && random_.oneIn(2));
    if constexpr (std::is_same_v<Change, Write>) {
      if (policy_.contents == Policy::Contents::Torn)
        return writeTorn(file.content, change, random_);
      if (policy_.contents ==
          Policy::Contents::Zeros)  // the size is known, the bytes are not there
        return keep(file, Resize{change.file, change.offset + change.bytes.size(), true});
    }
    if (isKept) keep(file, change);
  }

  const Log& log_;
  const std::size_t cut_;
  const Policy policy_;
  Random& random_;
  std::vector<bool> isSynced_;
  std::size_t lastName_ = 0;  // the last change of names that is on disk
};

constexpr const char* kNames[] = {"lost", "kept", "prefix", "subset"};
constexpr const char* kContents[] = {"lost", "kept", "zeros", "subset", "torn"};

}  // namespace

Policy policyOf(std::size_t n) {
  return {static_cast<Policy::Names>(n % 4), static_cast<Policy::Contents>(n / 4 % 5)};
}

std::string describe(const Policy& policy) {
  return std::string("names ") + kNames[static_cast<std::size_t>(policy.names)] + ", contents " +
         kContents[static_cast<std::size_t>(policy.contents)];
}

TreeImage afterCut(const Log& log, std::size_t cut, const Policy& policy, Random& random) {
  return Cut(log, cut, policy, random).tree();
}

}  // namespace hexpage::torture
