// Several reads of one moment, and reading a tree piece by piece in an order that writes do not
// change: that of the keys' hashes.
#include <algorithm>

#include "binary/store.hpp"

namespace hexpage::kv {
namespace {

constexpr int kOptimisticLooks = 8;

struct Hashed {
  std::uint64_t hash;
  Address address;

  bool operator<(const Hashed& other) const { return hash < other.hash; }
};

// What is in the page from the hash on, in order.
std::vector<Hashed> inOrder(Store& store, const std::vector<Address>& addresses,
                            std::uint64_t from) {
  std::vector<Hashed> all;
  all.reserve(addresses.size());
  for (const Address address : addresses) store.log().prefetch(address);
  for (const Address address : addresses) {
    const std::uint64_t hash = store.hashOf(store.checkedRecord(address).record.key);
    if (hash >= from) all.push_back({hash, address});
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

// Looks again when something was applied meanwhile; when that never ends, at a snapshot. One change
// that is being applied is there or not, several might be there in part.
void Store::look(const std::function<void(const View&)>& work) {
  requireOpen();
  for (int tries = 0; tries < kOptimisticLooks; ++tries) {
    const std::uint64_t applying = applying_.load(std::memory_order_acquire);
    if ((applying & 1) != 0) break;
    followPublished();  // after that, for what was applied in part is behind what is published
    const std::uint64_t applied = applied_.load(std::memory_order_acquire);
    if (applying_.load(std::memory_order_acquire) != applying) continue;
    const EpochGuard guard;
    const Roots roots = index_->roots();
    work(View(*this, roots));
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (applying_.load() == applying && applied_.load() == applied) return;
  }
  const std::shared_ptr<const Index::Snapshot> now = snapshot();
  work(View(*this, now->roots()));
}

bool View::read(std::string_view key, const std::function<void(std::string_view value)>& reader,
                TreeId tree) const {
  std::string_view value;
  const Address address = store_.find(roots_, tree, store_.hashOf(key), key, value);
  if (address == 0) return false;
  reader(value);
  store_.log().segmentAt(address).requireReadable();
  return true;
}

std::optional<std::string> View::get(std::string_view key, TreeId tree) const {
  std::optional<std::string> found;
  read(
      key, [&](std::string_view value) { found.emplace(value); }, tree);
  return found;
}

std::optional<RecordId> View::idOf(std::string_view key, TreeId tree) const {
  const std::uint64_t hash = store_.hashOf(key);
  std::string_view value;
  const Address address = store_.find(roots_, tree, hash, key, value);
  if (address == 0) return std::nullopt;
  return RecordId{hash, address, store_.log().segmentAt(address).number()};
}

bool View::has(const RecordId& record, TreeId tree) const {
  return store_.index().points(roots_, tree, record.hash, record.address) &&
         store_.log().segmentAt(record.address).number() == record.segment;
}

std::uint64_t View::count(TreeId tree) const { return store_.index().records(roots_, tree); }

// Ends with a page when it can, for a page is gone through whole each time.
std::optional<std::uint64_t> View::scan(TreeId tree, std::uint64_t from, std::size_t entries,
                                        std::size_t bytes,
                                        const std::function<void(const Entry&)>& each) const {
  std::size_t seen = 0, seenBytes = 0;
  while (seen <= entries / 2 && seenBytes <= bytes / 2) {
    const Index::PageContent page = store_.index().pageAround(roots_, tree, from);
    std::uint64_t last = 0;
    for (const Hashed& one : inOrder(store_, page.addresses, from)) {
      if ((seen >= entries || seenBytes >= bytes) && one.hash != last) return one.hash;
      const Record record = store_.checkedRecord(one.address).record;
      each({record.key, record.value});
      store_.log().segmentAt(one.address).requireReadable();
      ++seen;
      seenBytes += record.key.size() + record.value.size();
      last = one.hash;
    }
    if (page.next == 0) return std::nullopt;
    from = page.next;
  }
  return from;
}

std::vector<TreeId> View::trees() const {
  std::vector<TreeId> trees;
  store_.index().forEachTree(roots_, [&](const Directory& directory) {
    if (directory.tree != 0 && directory.records != 0) trees.push_back(directory.tree);
  });
  return trees;
}

std::vector<View::PageInfo> View::pages(TreeId tree) const {
  std::vector<PageInfo> pages;
  std::uint64_t from = 0;
  do {
    const Index::PageContent page = store_.index().pageAround(roots_, tree, from);
    PageInfo& info = pages.emplace_back();
    info.records = page.addresses.size();
    info.capacity = page.capacity;
    for (const Address address : page.addresses) {
      const Record record = store_.checkedRecord(address).record;
      info.bytes += record.key.size() + record.value.size();
    }
    from = page.next;
  } while (from != 0);
  return pages;
}

}  // namespace hexpage::kv
