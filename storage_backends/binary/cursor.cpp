// Reading a tree as it was at one moment. The addresses are gathered and sorted first, so that the
// log is then read from front to back.
#include <algorithm>

#include "binary/store.hpp"

namespace hexpage::kv {
namespace {

// By the place in the log, not by the address, whose segments may have gone around.
void sortByPlace(std::vector<Address>& addresses, const Log& log) {
  constexpr unsigned kDigitBits = 13;
  std::vector<std::uint32_t> rank(kMaxSegments);
  std::uint32_t next = 0;
  for (const Segment* const segment : log.segments()) rank[residueOf(segment->number())] = next++;
  std::vector<Address> sorted(addresses.size());
  const auto pass = [&](std::size_t digits, auto&& digitOf) {
    std::vector<std::size_t> ends(digits + 1);
    for (const Address address : addresses) ++ends[digitOf(address) + 1];
    for (std::size_t i = 1; i <= digits; ++i) ends[i] += ends[i - 1];
    for (const Address address : addresses) sorted[ends[digitOf(address)]++] = address;
    addresses.swap(sorted);
  };
  const std::size_t mask = (std::size_t{1} << kDigitBits) - 1;
  pass(mask + 1, [&](Address address) { return address & mask; });
  pass(mask + 1, [&](Address address) { return address >> kDigitBits & mask; });
  pass(next + 1, [&](Address address) { return rank[residueAt(address)]; });
}

constexpr std::size_t kRadixWorthwhile = 20'000;
constexpr std::size_t kDenseBytes = 64 << 10;  // from record to record: then all is read

}  // namespace

struct Snapshot::State {
  std::shared_ptr<Store> store;
  std::shared_ptr<const Index::Snapshot> index;
  Lsn end;
};

struct Cursor::State {
  std::shared_ptr<Store> store;
  std::shared_ptr<const Index::Snapshot> index;  // keeps the segments
  std::vector<Address> addresses;
  std::size_t at = 0;
  std::size_t asked = 0;  // the system was asked to read those before
  std::size_t next = 0;   // where it is asked again

  // Keeps a segment of the log ahead.
  void readAhead() {
    while (at >= next && asked < addresses.size()) {
      next = asked;
      readSegmentAhead();
    }
  }
  // What lies close together in the segment of the next that was not asked for.
  void readSegmentAhead() {
    const std::size_t begin = asked;
    const std::uint64_t residue = residueAt(addresses[begin]);
    while (asked < addresses.size() && residueAt(addresses[asked]) == residue) ++asked;
    const std::uint64_t first = offsetAt(addresses[begin]), last = offsetAt(addresses[asked - 1]);
    if (last - first <= (asked - begin) * kDenseBytes)
      store->log().segmentAt(addresses[begin]).readAhead(first, last + 1);
  }
};

Cursor::Cursor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Cursor::Cursor(Cursor&&) noexcept = default;
Cursor& Cursor::operator=(Cursor&&) noexcept = default;
Cursor::~Cursor() = default;

std::optional<Entry> Cursor::next() {
  if (state_->at == state_->addresses.size()) return std::nullopt;
  state_->readAhead();
  const Record record = state_->store->checkedRecord(state_->addresses[state_->at++]).record;
  return Entry{record.key, record.value};
}

Snapshot::Snapshot(std::shared_ptr<State> state) : state_(std::move(state)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

Snapshot Database::snapshot() const {
  auto [index, end] = store_->snapshotWithEnd();
  return Snapshot(
      std::make_shared<Snapshot::State>(Snapshot::State{store_, std::move(index), end}));
}

std::optional<std::string> Snapshot::get(std::string_view key, TreeId tree) const {
  return state_->store->get(state_->index->roots(), tree, key);
}

std::uint64_t Snapshot::count(TreeId tree) const {
  return state_->store->index().records(state_->index->roots(), tree);
}

View Snapshot::view() const { return View(*state_->store, state_->index->roots()); }

Cursor Snapshot::cursor(TreeId tree) const {
  Store& store = *state_->store;
  auto addresses = store.index().addresses(state_->index->roots(), tree);
  if (addresses.size() >= kRadixWorthwhile)
    sortByPlace(addresses, store.log());
  else
    std::sort(addresses.begin(), addresses.end());
  return Cursor(std::make_unique<Cursor::State>(
      Cursor::State{state_->store, state_->index, std::move(addresses), 0}));
}

Tail Snapshot::tail() const { return state_->store->tail(state_->end); }

std::string Snapshot::moment() const { return state_->store->nameOf(state_->end); }

bool Snapshot::eachChangeSince(
    std::string_view moment,
    const std::function<void(TreeId tree, std::string_view key)>& each) const {
  return state_->store->eachChange(moment, state_->end, each);
}

}  // namespace hexpage::kv
