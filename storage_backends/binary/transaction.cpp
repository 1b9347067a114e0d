// A transaction's changes go to the log as they come; what it must remember of each is 16 bytes.
#include <hexpage/error.hpp>
#include <unordered_map>

#include "binary/change_table.hpp"
#include "binary/store.hpp"

namespace hexpage::kv {

struct Transaction::State {
  State(std::shared_ptr<Store> store_, Purpose purpose)
      : store(std::move(store_)), lane(store->beginWriting()) {
    store->appender().begin(purpose == Purpose::Remove ? Use::Removal : Use::Growth);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (isOver) return;
    try {
      store->rollback();
    } catch (const std::exception&) {
      // What is left in the log has no commit and counts for nothing.
    }
  }

  void requireGoing() const {
    if (isOver) throw Error(Code::InvalidArgument, "the transaction is over");
  }

  void add(std::uint64_t hash, const Record& record, Counted counted = Counted::No) {
    try {
      const Address address = store->appender().add(record);
      changes.emplace_back(hash, address, record.kind, record.tree == 0, counted == Counted::Yes);
      if (record.kind == RecordKind::Set) countSet(record.tree);
    } catch (...) {
      rollback();
      throw;
    }
    if (isSearched) remember(changes.size() - 1);
  }

  // Sets of one tree mostly come together.
  void countSet(TreeId tree) {
    if (sizes.empty() || sizes.back().tree != tree) sizes.push_back({tree, 0});
    ++sizes.back().records;
  }

  void rollback() {
    isOver = true;
    const LaneHold held = std::move(lane);  // let go in any case
    store->rollback();
  }

  Record recordOf(std::size_t change) const {
    return store->appender().record(changes[change].address()).record;
  }

  // The last change of the key, made known when one is first looked for.
  std::uint32_t* lastOf(TreeId tree, std::uint64_t hash, std::string_view key) {
    return table.find(hash, [&](std::uint32_t change) {
      if (changes[change].hash != hash) return false;
      const Record record = recordOf(change);
      return record.tree == tree && record.key == key;
    });
  }
  void remember(std::size_t change) {
    const RecordKind kind = changes[change].kind();
    if (kind == RecordKind::NewTree) return;
    const Record record = recordOf(change);
    if (kind == RecordKind::DropTree) {
      dropped[record.tree] = change;
      return;
    }
    const std::uint64_t hash = changes[change].hash;
    const auto number = static_cast<std::uint32_t>(change);
    if (std::uint32_t* const before = lastOf(record.tree, hash, record.key))
      *before = number;
    else
      table.add(hash, number, [&](std::uint32_t other) { return changes[other].hash; });
  }
  void search() {
    if (isSearched) return;
    for (std::size_t i = 0; i < changes.size(); ++i) remember(i);
    isSearched = true;
  }

  // The record that counts for the key, of this transaction or before it.
  std::optional<Record> find(TreeId tree, std::string_view key) {
    requireGoing();
    search();
    const std::uint64_t hash = store->hashOf(key);
    const auto drop = dropped.find(tree);
    const std::uint32_t* const last = lastOf(tree, hash, key);
    if (last != nullptr && (drop == dropped.end() || *last > drop->second)) {
      const Record record = recordOf(*last);
      if (record.kind == RecordKind::Erase) return std::nullopt;
      return record;
    }
    if (drop != dropped.end()) return std::nullopt;
    const Address address = store->index().find(tree, hash, key);
    if (address == 0) return std::nullopt;
    return store->log().record(address).record;
  }

  std::shared_ptr<Store> store;
  LaneHold lane;
  std::vector<Change> changes;
  std::vector<TreeSize> sizes;
  bool isOver = false;
  bool isSearched = false;
  ChangeTable table;
  std::unordered_map<TreeId, std::size_t> dropped;  // the last change that dropped it
};

Transaction::Transaction(std::unique_ptr<State> state) : state_(std::move(state)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

Transaction Database::begin(Purpose purpose) {
  return Transaction(std::make_unique<Transaction::State>(store_, purpose));
}

std::optional<std::string> Transaction::get(std::string_view key, TreeId tree) const {
  const EpochGuard guard;
  const auto record = state_->find(tree, key);
  if (!record) return std::nullopt;
  return std::string(record->value);
}

bool Transaction::contains(std::string_view key, TreeId tree) const {
  const EpochGuard guard;
  return state_->find(tree, key).has_value();
}

void Transaction::set(std::string_view key, std::string_view value, TreeId tree, Counted counted) {
  set(key, Pieces{value, {}}, tree, counted);
}

void Transaction::set(std::string_view key, const Pieces& value, TreeId tree, Counted counted) {
  state_->requireGoing();
  Store::requireSizes(key, value);
  state_->add(state_->store->hashOf(key), {RecordKind::Set, tree, key, value.first, value.second},
              counted);
}

bool Transaction::erase(std::string_view key, TreeId tree, std::string_view note) {
  if (!contains(key, tree)) return false;
  state_->add(state_->store->hashOf(key), {RecordKind::Erase, tree, key, note});
  return true;
}

TreeId Transaction::newTree() {
  state_->requireGoing();
  const TreeId tree = ++state_->store->log().lastTree;
  state_->add(0, {RecordKind::NewTree, tree, {}, {}});
  return tree;
}

void Transaction::dropTree(TreeId tree, Counted counted) {
  state_->requireGoing();
  state_->add(0, {RecordKind::DropTree, tree, {}, {}}, counted);
}

Transaction::Counts Transaction::commit(const std::function<void()>& visible) {
  state_->requireGoing();
  Store::Committed committed;
  try {
    committed = state_->store->commit(state_->changes, state_->sizes);
  } catch (...) {
    state_->rollback();
    throw;
  }
  state_->isOver = true;
  state_->lane.free();
  if (visible) visible();
  state_->store->makeDurable(committed.end);
  return committed.counts;
}

void Transaction::rollback() {
  if (!state_->isOver) state_->rollback();
}

}  // namespace hexpage::kv
