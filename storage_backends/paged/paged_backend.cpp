#include "paged/paged_backend.hpp"

#include <algorithm>
#include <atomic>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <iterator>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "paged/batch_edit.hpp"
#include "paged/hash_state.hpp"
#include "paged/inspect.hpp"
#include "paged/large_renames.hpp"
#include "paged/node_log.hpp"
#include "support/json_scanner.hpp"
#include "support/path_rules.hpp"
#include "support/structure.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kPathsAtOnce = 1000;
constexpr std::size_t kIdleStates = 4096;  // hashes remembered beyond those in use

using StatePtr = std::shared_ptr<HashState>;

// The hashes of a batch, each locked exclusively.
struct LockedStates {
  std::vector<StatePtr> states;
  std::vector<std::unique_lock<std::shared_mutex>> locks;  // freed before the states

  StatesByPath byPath() const {
    StatesByPath map;
    for (const StatePtr& state : states) map.emplace(state->path(), state.get());
    return map;
  }
};

// A rename of a hash of up to so many pages writes them anew, in the journal's next flush; of a
// larger one the files are moved.
constexpr std::size_t kRewrittenPages = 256;

// Lock order: claims, structure_, the states of hashes by path.
class PagedBackend : public Backend {
 public:
  PagedBackend(std::unique_ptr<RecordStore> store, PagedOptions options)
      : store_(std::move(store)), style_(options.style), cache_(options.cache) {
    store_->recover([this](const Batch& batch, std::uint64_t recovery) { redo(batch, recovery); });
    hasNodeLogs_ = !nodeLogs(*store_).empty();
  }

  // The store may be recovering a process, which uses all that is here.
  ~PagedBackend() override { store_.reset(); }

  std::optional<HashInfo> info(std::string_view path) override {
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    const StatePtr state = open(path);
    {
      std::shared_lock reading(state->mutex());
      if (state->isOf(claim.epochOf(path)) && state->headerKnown())
        return infoOf(*state, state->knownHeader());
    }
    std::unique_lock loading(state->mutex());
    state->beginReading(claim.epochOf(path));
    const Header* const header = state->header();
    return infoOf(*state, header ? std::optional(*header) : std::nullopt);
  }

  std::vector<std::optional<Value>> get(std::string_view path,
                                        std::span<const std::string_view> keys) override {
    std::vector<std::optional<Value>> values(keys.size());
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    const StatePtr state = open(path);
    std::size_t i = 0;
    {
      std::shared_lock reading(state->mutex());
      if (state->isOf(claim.epochOf(path)))
        while (i < keys.size() && state->findKnown(keys[i], values[i])) ++i;
    }
    if (i == keys.size() && !keys.empty()) return values;
    {
      // From the first on: all of them are to be of one moment.
      std::unique_lock loading(state->mutex());
      state->beginReading(claim.epochOf(path));
      for (i = 0; i < keys.size(); ++i) values[i] = state->find(keys[i]);
    }
    makeRoom(*state);
    return values;
  }

  std::shared_ptr<const Json> options(std::string_view path) override {
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    const StatePtr state = open(path);
    {
      std::shared_lock reading(state->mutex());
      const bool isKnown = state->isOf(claim.epochOf(path)) && state->headerKnown();
      if (isKnown && (!state->knownHeader() || state->knownOptions())) return state->knownOptions();
    }
    std::unique_lock loading(state->mutex());
    state->beginReading(claim.epochOf(path));
    return optionsOf(*state);
  }

  Chunk scan(std::string_view path, std::string_view cursor) override {
    return search(path, cursor, [&](HashState& state) { return state.scan(cursor); });
  }

  Chunk expired(std::string_view path, Expires now, std::string_view cursor) override {
    return search(path, cursor, [&](HashState& state) { return state.expired(now, cursor); });
  }

  std::optional<std::string> record(std::string_view path) override {
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    if (isPage(path)) return std::nullopt;
    auto stored = store_->read(path);
    if (!stored) return std::nullopt;
    readHeader(*store_, path, stored->text);  // refuses what is no JSON
    rememberRead(*store_, path);
    const bool isInLines = stored->text.size() > 1 && stored->text[1] == '\n';
    return isInLines ? minified(stored->text) : std::move(stored->text);
  }

  PathChunk paths(std::string_view prefix, std::string_view cursor) override {
    const Claim claim = store_->claimStructure(LockMode::Shared);
    std::shared_lock structure(structure_);
    PathChunk chunk;
    store_->walk("", cursor, [&](std::string_view path) {
      if (chunk.entries.size() == kPathsAtOnce) {
        chunk.next = chunk.entries.back().path;
        return Walk::Stop;
      }
      const Listed listed = listedAt(path);
      const bool isDue = listed.kind != Kind::None && listed.path.starts_with(prefix) &&
                         (cursor.empty() || pathLess(cursor, listed.path));
      if (isDue) chunk.entries.push_back({std::string(listed.path), listed.kind == Kind::Hash});
      return listed.kind == Kind::Hash ? Walk::SkipPages : Walk::On;
    });
    return chunk;
  }

  Applied apply(const Batch& batch) override {
    return applyThen(batch, [] {});
  }

  Applied applyThen(const Batch& batch, const std::function<void()>& visible) override {
    refuseBeforeRollBack();
    if (batch.changes.size() <= 1 || !hasRename(batch)) return applyAsItIs(batch, visible);
    checkAlone(batch);
    SeparatedBatch separated(*this, batch,
                             [this](const std::string& path) { return isLarge(path); });
    return separated.kept(applyAsItIs(separated.batch(), visible));
  }

  Applied applyAsItIs(const Batch& batch, const std::function<void()>& visible) {
    const std::vector<std::string_view> paths = hashesOf(batch);
    std::optional<Outcome> outcome = applyToItems(batch, paths);
    if (!outcome) outcome = applyToStructure(batch, paths);
    visible();
    store_->awaitDurable(outcome->position);
    return outcome->applied;
  }

  void sync() override { store_->sync(); }

  std::unique_ptr<View> snapshot() override {
    {
      const Claim claim = store_->claimAll();
      std::unique_lock structure(structure_);
      store_->sync();
      if (auto frozen = store_->frozen())
        return makePagedBackend(std::move(frozen), {.style = style_, .cache = {.bytes = 0}});
    }
    return Backend::snapshot();
  }

  void check(Report& report) override {
    const Claim claim = store_->claimAll();
    std::unique_lock structure(structure_);
    store_->sync();
    inspect(*store_, style_, report, Mending::None);
  }

  void accept(std::span<const std::string> files, Report& report) override {
    const Claim claim = store_->claimAll();
    std::unique_lock structure(structure_);
    store_->sync();
    const std::vector<std::string> all = store_->files();
    for (const std::string& file : files)
      if (!std::binary_search(all.begin(), all.end(), file))
        throw Error(Code::NoSuchKey, "no such file in the store: " + file);
    inspect(*store_, style_, report, Mending::None, files);
    forgetAll();
  }

  void repair(Report& report, bool dryRun) override {
    const Claim claim = store_->claimAll();
    std::unique_lock structure(structure_);
    store_->sync();
    inspect(*store_, style_, report, dryRun ? Mending::Plan : Mending::Do);
    forgetAll();
  }

  std::vector<LayoutNode> layout(std::string_view path) override {
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    const StatePtr state = open(path);
    std::unique_lock loading(state->mutex());
    state->beginReading(claim.epochOf(path));
    std::vector<LayoutNode> nodes;
    if (!state->header()) return nodes;
    const auto add = [&](const std::string& digits, const Node& node) {
      const std::string record = state->recordOf(digits);
      nodes.push_back({store_->fileOf(record), digits.size(), node.isIndex(),
                       node.page ? node.page->size() : 0, store_->size(record).value_or(0)});
    };
    eachNode(*state, "", add);
    return nodes;
  }

  std::unique_ptr<ChangeFeed> follow() override { return store_->follow(); }

  std::vector<std::string> files() override { return store_->files(); }

  void adopt(std::string_view path) override {
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    if (isPage(path) || !store_->read(path))
      throw Error(Code::NoSuchKey, "no such hash or record: " + std::string(path));
    store_->remember(path);
  }

  Locks& locks() override { return store_->locks(); }

 private:
  // What stands where, with the hashes of a batch as their locked states know them.
  class View : public Structure {
   public:
    View(PagedBackend& backend, StatesByPath locked)
        : backend_(backend), locked_(std::move(locked)) {}

    Kind kindOf(std::string_view path) override {
      const auto state = locked_.find(path);
      if (state != locked_.end() && state->second->header()) return Kind::Hash;
      return backend_.isPage(path) ? Kind::None : backend_.kindOnDisk(path);
    }

    void below(std::string_view root, const std::function<bool(std::string_view)>& visit) override {
      if (backend_.isPage(root)) return;
      // Also where walk() knows only some of the paths.
      if (backend_.kindOnDisk(root) != Kind::None && visit(root)) return;

      backend_.store_->walk(
          root, "", [&](std::string_view path) { return visit(path) ? Walk::Stop : Walk::On; });
    }

    const StatesByPath& locked() const { return locked_; }

   private:
    PagedBackend& backend_;
    StatesByPath locked_;
  };

  template <class Look>
  Chunk search(std::string_view path, std::string_view cursor, Look look) {
    const bool isCursor = cursor.size() <= Digest::kDigits &&
                          cursor.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!isCursor)
      throw Error(Code::InvalidArgument, "no cursor of a scan: " + std::string(cursor));
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    const StatePtr state = open(path);
    std::unique_lock loading(state->mutex());
    state->beginReading(claim.epochOf(path));
    return look(*state);
  }

  static std::shared_ptr<const Json> optionsOf(HashState& state) {
    try {
      return state.options();
    } catch (const JsonError& e) {
      throw Error(Code::Corrupt, "header of " + state.path() + ": " + e.what());
    }
  }

  static std::optional<HashInfo> infoOf(const HashState& state,
                                        const std::optional<Header>& header) {
    if (!header) return std::nullopt;
    try {
      return header->info(state.path());
    } catch (const JsonError& e) {
      throw Error(Code::Corrupt, "header of " + state.path() + ": " + e.what());
    }
  }

  Kind kindOnDisk(std::string_view path) {
    const auto stored = store_->read(path);
    if (!stored) return Kind::None;
    return readHeader(*store_, path, stored->text) ? Kind::Hash : Kind::Record;
  }

  struct Listed {
    Kind kind;
    std::string_view path;
  };

  // What a record stands for in a listing, which one damaged file must not stop: it is listed, as a
  // hash when there are pages, and tells what is wrong with it when it is read. So is a hash that
  // has lost its header; the first of its pages tells of it.
  Listed listedAt(std::string_view path) {
    const auto hasPages = [&] { return store_->size(pagesOf(path)).has_value(); };
    try {
      const auto stored = store_->read(path);
      if (!stored) return {hasPages() ? Kind::Hash : Kind::None, path};
      if (Header::parse(stored->text)) return {Kind::Hash, path};
      const bool isStray = path.find(kPages) != std::string_view::npos && isNodeText(stored->text);
      if (!isStray) return {Kind::Record, path};
      if (!path.ends_with(kPages)) return {Kind::None, path};
      return {Kind::Hash, path.substr(0, path.size() - kPages.size())};
    } catch (const Error& e) {
      if (e.code() != Code::Corrupt) throw;
    } catch (const JsonError&) {
    }
    return {hasPages() ? Kind::Hash : Kind::Record, path};
  }

  bool isPage(std::string_view path) {
    return anyEnclosing(path,
                        [&](std::string_view hash) { return kindOnDisk(hash) == Kind::Hash; });
  }

  StatePtr open(std::string_view path) {
    std::lock_guard guard(statesMutex_);
    const auto found = states_.find(path);
    if (found != states_.end()) return found->second;
    if (states_.size() >= kIdleStates)
      std::erase_if(states_, [](const auto& entry) { return entry.second.use_count() == 1; });
    auto state = std::make_shared<HashState>(std::string(path), *store_, cache_, helper_);
    states_.emplace(state->path(), state);
    return state;
  }

  // The paths that the batch treats as hashes, or that must not become one meanwhile; in lock
  // order.
  static std::vector<std::string_view> hashesOf(const Batch& batch) {
    std::vector<std::string_view> paths;
    for (const Change& change : batch.changes)
      std::visit(
          [&](const auto& c) {
            if constexpr (requires { c.path; }) {
              if (paths.empty() || paths.back() != c.path) paths.push_back(c.path);
            } else {
              paths.insert(paths.end(), {c.from, c.to});
            }
          },
          change);
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    return paths;
  }

  struct Outcome {
    Applied applied;
    LogPosition position;
  };

  // Nothing when the batch changes more than items.
  std::optional<Outcome> applyToItems(const Batch& batch,
                                      const std::vector<std::string_view>& paths) {
    const Claim claim = store_->claim(paths, LockMode::Exclusive);
    std::shared_lock structure(structure_);
    const LockedStates locked = lock(paths, claim);
    View view(*this, locked.byPath());
    if (isStructural(batch, view)) return std::nullopt;
    return applyLocked(batch, locked, view);
  }

  Outcome applyToStructure(const Batch& batch, const std::vector<std::string_view>& paths) {
    const Claim claim = store_->claim(paths, LockMode::Exclusive, true);
    std::unique_lock structure(structure_);
    const LockedStates locked = lock(paths, claim);
    View view(*this, locked.byPath());
    return applyLocked(batch, locked, view);
  }

  LockedStates lock(const std::vector<std::string_view>& paths, const Claim& claim) {
    LockedStates locked;
    for (const std::string_view path : paths) locked.states.push_back(open(path));
    for (const StatePtr& state : locked.states) {
      locked.locks.emplace_back(state->mutex());
      state->beginWriting(claim.epochOf(state->path()));
    }
    return locked;
  }

  Outcome applyLocked(const Batch& batch, const LockedStates& locked, View& view) {
    checkStructure(batch, view);
    if (auto outcome = applyWithMoves(batch, locked, view.locked())) return *outcome;
    BatchEdit edit(view.locked(), {.style = style_});
    edit.apply(batch);
    const Committed committed = store_->commit(edit.writes(), {&batch, edit.takeIdle()});
    install(edit, locked, committed);
    for (const StatePtr& state : locked.states)
      if (cache_.isOver()) state->sweep();
    return {edit.applied(), committed.position};
  }

  // A batch that an earlier process has committed, on the records as they were before it. What is
  // known of its hashes then is forgotten by the next use: no claim has such an epoch.
  void redo(const Batch& batch, std::uint64_t recovery) {
    // Without structure_: who holds it here may wait until this recovery is done, and nobody here
    // is at what that process has left under its leases.
    const LockedStates locked = lock(hashesOf(batch), Claim(~recovery));
    for (const StatePtr& state : locked.states) state->beginRedoing(~recovery);
    const StatesByPath states = locked.byPath();
    BatchEdit edit(states, {.style = style_});
    edit.apply(batch);
    install(edit, locked, store_->commit(edit.writes(), {&batch, edit.takeIdle()}));
  }

  // What Node has half done is to be taken back before anything is built on it.
  void refuseBeforeRollBack() {
    if (!hasNodeLogs_) return;
    const std::vector<std::string> logs = nodeLogs(*store_);
    hasNodeLogs_ = !logs.empty();
    if (logs.empty()) return;
    throw Error(Code::ReadOnly, logs.front() +
                                    ": Node ended in the middle of a commit. The store is "
                                    "read-only until `hexpage repair` has taken it back");
  }

  // The commit stands, whatever happens here.
  void install(BatchEdit& edit, const LockedStates& locked, const Committed& committed) {
    try {
      edit.install(committed.versions);
    } catch (...) {
      for (const StatePtr& state : locked.states) state->forget();
    }
  }

  // Moves the records of large hashes that are renamed and stand alone, together with what else is
  // in the batch. Nothing when there is no such hash.
  std::optional<Outcome> applyWithMoves(const Batch& batch, const LockedStates& locked,
                                        const StatesByPath& states) {
    if (!hasRename(batch)) return std::nullopt;
    Moves moves;
    Batch others;
    std::vector<std::size_t> otherPlaces;
    for (std::size_t i = 0; i < batch.changes.size(); ++i)
      if (!standsAlone(batch, i) || !addMoves(batch, i, states, moves)) {
        others.add(batch.changes[i]);
        otherPlaces.push_back(i);
      }
    if (moves.writes.empty()) return std::nullopt;
    BatchEdit edit(states, {.style = style_});
    edit.apply(others);
    Origin origin{&batch, std::vector<bool>(batch.changes.size()), false};
    const std::vector<bool> idle = edit.takeIdle();
    for (std::size_t i = 0; i < otherPlaces.size(); ++i) origin.idle[otherPlaces[i]] = idle[i];
    std::vector<RecordWrite> writes = edit.writes();
    std::erase_if(writes, [&](const RecordWrite& write) { return moves.isOver(write.path); });
    std::move(moves.writes.begin(), moves.writes.end(), std::back_inserter(writes));
    Outcome outcome{edit.applied(), store_->commit(std::move(writes), origin).position};
    outcome.applied.removed += moves.replaced;
    for (const StatePtr& state : locked.states) state->forget();
    return outcome;
  }

  struct Moves {
    std::vector<RecordWrite> writes;
    std::vector<std::string> destinations;
    std::uint64_t replaced = 0;  // items of hashes that are replaced

    // Whether a record's place is taken by what is moved.
    bool isOver(std::string_view path) const {
      return std::any_of(destinations.begin(), destinations.end(), [&](const std::string& to) {
        return path == to || isWithin(path, pagesOf(to));
      });
    }
  };

  // False when the rename's hash is not large.
  static bool addMoves(const Batch& batch, std::size_t place, const StatesByPath& states,
                       Moves& moves) {
    const Rename& rename = std::get<Rename>(batch.changes[place]);
    HashState &from = *states.at(rename.from), &to = *states.at(rename.to);
    if (!from.header()) return false;
    std::vector<RecordWrite> writes;
    ByDigits<bool> moved;
    const auto add = [&](const std::string& digits, const Node&) {
      writes.push_back(
          {to.recordOf(digits), RecordWrite::Kind::Move, from.recordOf(digits), false});
      moved[digits] = true;
    };
    eachNode(from, "", add);
    if (writes.size() <= kRewrittenPages) return false;
    std::reverse(writes.begin(), writes.end());  // from the leaves up
    writes.push_back({rename.to, RecordWrite::Kind::Move, rename.from, true});
    const auto remove = [&](const std::string& digits, const Node&) {
      if (!moved.contains(digits))
        writes.push_back({to.recordOf(digits), RecordWrite::Kind::Removal, {}, false});
    };
    if (to.header()) eachRecord(to, "", remove);
    if (to.header() && !hasOthersAtDestination(batch, place))
      moves.replaced += to.header()->length();
    std::move(writes.begin(), writes.end(), std::back_inserter(moves.writes));
    moves.destinations.push_back(rename.to);
    return true;
  }

  static bool hasRename(const Batch& batch) {
    return std::any_of(batch.changes.begin(), batch.changes.end(),
                       [](const Change& change) { return std::holds_alternative<Rename>(change); });
  }

  // Before anything is copied for a batch that is refused.
  void checkAlone(const Batch& batch) {
    const std::vector<std::string_view> paths = hashesOf(batch);
    const Claim claim = store_->claim(paths, LockMode::Exclusive, true);
    std::shared_lock structure(structure_);
    const LockedStates locked = lock(paths, claim);
    View view(*this, locked.byPath());
    checkStructure(batch, view);
  }

  bool isLarge(std::string_view path) {
    const Claim claim = store_->claim({&path, 1}, LockMode::Shared);
    const StatePtr state = open(path);
    std::unique_lock loading(state->mutex());
    state->beginReading(claim.epochOf(path));
    const Header* const header = state->header();
    if (!header || header->length() <= kRewrittenPages) return false;
    std::size_t records = 0;
    const auto count = [&](const std::string&, const Node&) { ++records; };
    eachNode(*state, "", count);
    return records > kRewrittenPages;
  }

  // Other hashes give pages back when this one's own are not enough.
  void makeRoom(HashState& state) {
    if (!cache_.isOver()) return;
    for (const StatePtr& other : allStates()) {
      std::unique_lock sweeping(other->mutex(), std::try_to_lock);
      if (sweeping && other.get() != &state) other->sweep();
    }
    std::unique_lock sweeping(state.mutex());
    if (cache_.isOver()) state.sweep();
  }

  std::vector<StatePtr> allStates() {
    std::lock_guard guard(statesMutex_);
    std::vector<StatePtr> all;
    for (const auto& [path, state] : states_) all.push_back(state);
    return all;
  }

  void forgetAll() {
    for (const StatePtr& state : allStates()) {
      std::unique_lock forgetting(state->mutex());
      state->forget();
    }
  }

  std::unique_ptr<RecordStore> store_;
  const Style style_;
  PageCache cache_;
  HelpingThread helper_;
  std::atomic<bool> hasNodeLogs_{false};
  std::shared_mutex structure_;  // which hashes and records there are
  std::mutex statesMutex_;
  ByDigits<StatePtr> states_;  // by path; last, since states use what is above
};

}  // namespace

std::unique_ptr<Backend> makePagedBackend(std::unique_ptr<RecordStore> store,
                                          PagedOptions options) {
  return std::make_unique<PagedBackend>(std::move(store), options);
}

}  // namespace hexpage
