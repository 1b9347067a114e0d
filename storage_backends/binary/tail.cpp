#include "binary/log_tail.hpp"
#include "binary/store.hpp"

namespace hexpage::kv {
namespace {

constexpr bool areAlike(Committed::Kind kind, RecordKind record) {
  return static_cast<int>(kind) == static_cast<int>(record);
}
static_assert(areAlike(Committed::Kind::Set, RecordKind::Set) &&
              areAlike(Committed::Kind::Erase, RecordKind::Erase) &&
              areAlike(Committed::Kind::DropTree, RecordKind::DropTree) &&
              areAlike(Committed::Kind::NewTree, RecordKind::NewTree));

Committed committed(const Record& record) {
  return {static_cast<Committed::Kind>(record.kind), record.tree, record.key, record.value};
}

}  // namespace

struct Tail::State {
  std::shared_ptr<Store> store;
  LogTail log;
};

Tail::Tail(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tail::Tail(Tail&&) noexcept = default;
Tail& Tail::operator=(Tail&&) noexcept = default;
Tail::~Tail() = default;

Tail Store::tail(Lsn from) {
  return Tail(std::unique_ptr<Tail::State>(
      new Tail::State{shared_from_this(), LogTail(directory_.get(), from)}));
}

// Of a start of the machine before this one it tells nothing.
Lsn Store::published() const {
  if (!shared_->isFromThisBoot()) return {};
  return {shared_->page().committed.load(std::memory_order_acquire)};
}

bool Tail::look() {
  state_->log.extend(state_->store->published());
  return state_->log.isBehind() || state_->log.isLost();
}

// What is published are whole transactions.
Tail::Found Tail::next(const std::function<void(const Committed& change)>& each) {
  bool isAny = false;
  while (const auto found = state_->log.next()) {
    const std::uint8_t flags = found->frame.header.flags;
    if ((flags & (kMark | kMoved)) != 0) continue;
    forEachRecord(*found, segmentFile(found->at.segment()),
                  [&](const Record& record, Address) { each(committed(record)); });
    isAny = isAny || !found->frame.body.empty();
    if (isAny && (flags & kCommit) != 0) return Found::Transaction;
  }
  return state_->log.isLost() ? Found::Lost : Found::Nothing;
}

}  // namespace hexpage::kv
