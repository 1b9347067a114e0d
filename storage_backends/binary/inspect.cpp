// What a store tells about itself, what is damaged in it, and saving what is not.
#include <hexpage/error.hpp>
#include <unordered_set>

#include "binary/store.hpp"
#include "support/byte_order.hpp"

namespace hexpage::kv {
namespace {

void addError(Report& report, const std::string& file, const std::string& reason,
              const std::string& action = "") {
  report.findings.push_back({Severity::Error, file, reason, action});
}

// The next place from `at` on where a whole frame begins; npos when there is none.
std::size_t nextFrame(std::string_view all, std::size_t at, std::uint64_t salt) {
  for (; at + kFrameHeaderBytes <= all.size(); ++at) {
    if (trustFrame(all.substr(at)).state != FrameState::Whole) continue;
    if (readFrame(all.substr(at), salt, at).state == FrameState::Whole) return at;
  }
  return std::string_view::npos;
}

std::string upTo(std::uint64_t begin, std::uint64_t end) {
  return "bytes " + std::to_string(begin) + " to " + std::to_string(end) + " are damaged";
}

}  // namespace

Stats Store::stats() {
  countDropped();
  const std::shared_ptr<const Index::Snapshot> now = snapshot();
  Stats stats;
  for (const Segment* const segment : log_->segments()) {
    ++stats.segments;
    stats.logBytes += segment->written();
    stats.deadBytes += segment->deadBytes;
  }
  stats.indexFileBytes = checkpointer_->fileBytes();
  stats.indexMemoryBytes = index_->pageBytes();
  index_->forEachTree(now->roots(), [&](Directory& directory) {
    stats.records += directory.records;
    if (directory.records != 0) ++stats.trees;
    stats.indexDepth = std::max(stats.indexDepth, directory.depth);
    for (std::size_t i = 0; i < directory.size(); i = directory.runEnd(i)) {
      ++stats.indexPages;
      stats.indexSlots += index_->page(directory, i)->capacity();
    }
  });
  return stats;
}

std::vector<SegmentInfo> Store::segments() {
  requireOpen();
  followPublished();
  countDropped();
  const EpochGuard guard;
  std::vector<SegmentInfo> found;
  for (const Segment* const segment : log_->segments())
    found.push_back({segment->file(), segment->written(), segment->deadBytes, segment->isDamaged});
  return found;
}

void Store::verify(Report& report) {
  const std::shared_ptr<const Index::Snapshot> now = snapshot();
  const Lsn end{applied_.load()};
  for (const Segment* const segment : log_->segments()) {
    ++report.files;
    const std::uint64_t limit =
        segment->number() == end.segment() ? end.offset() : segment->written();
    verifySegment(*segment, limit, segment->number() == end.segment(), report);
  }
  index_->forEachTree(now->roots(), [&](Directory& directory) {
    try {
      verifyTree(now->roots(), directory.tree, report);
    } catch (const Error& error) {
      addError(report, "index", error.what());
    }
  });
  ++report.files;
  checkpointer_->verify(report);
}

void Store::verifySegment(const Segment& segment, std::uint64_t limit, bool isTail,
                          Report& report) const {
  const std::string_view all(segment.data(), limit);
  report.bytes += limit;
  for (std::size_t at = kSegmentHeaderBytes; at < limit;) {
    const Frame frame = readFrame(all.substr(at), segment.header().salt, at);
    segment.requireReadable();
    if (frame.state == FrameState::Whole) {
      if ((frame.header.flags & kSeal) != 0) return;
      at += kFrameHeaderBytes + frame.body.size();
      continue;
    }
    const std::size_t next = nextFrame(all, at + 1, segment.header().salt);
    const bool isEnd = next == std::string_view::npos;
    addError(report, segment.file(), upTo(at, isEnd ? limit : next),
             "`hexpage repair` saves what can be read into a new store");
    if (isEnd) return;
    at = next;
  }
  if (!isTail) addError(report, segment.file(), "the end of the file is missing");
}

void Store::verifyTree(const Roots& roots, TreeId tree, Report& report) const {
  for (const Address address : index_->addresses(roots, tree)) {
    const Record record = log_->record(address).record;
    ++report.items;
    if (record.kind != RecordKind::Set || record.tree != tree ||
        index_->find(roots, tree, hashOf(record.key), record.key) != address)
      addError(report, "index",
               "a slot of tree " + std::to_string(tree) + " points to another record",
               "remove the file while no process has the store open, and it is made anew");
  }
}

// Damaged pieces are passed over. What no commit covers at the very end is left out, as an opening
// would.
void salvage(const std::string& damaged, const std::string& into, Report& report, Options options) {
  const Fd directory = openDirectory(damaged);
  options.compactInBackground = false;
  const std::shared_ptr<Store> store = Store::open(into, options);
  if (store->count(0) != 0)
    throw Error(Code::InvalidArgument, into + " has something in it; give a new directory");
  const auto keep = [&](const std::vector<std::string_view>& bodies) {
    const LaneHold hold = store->beginWriting();
    store->appender().begin(Use::Growth);
    std::vector<Change> changes;
    for (std::string_view left : bodies)
      while (!left.empty()) {
        const auto parsed = parseRecord(left);
        if (!parsed) break;
        const Record& record = parsed->record;
        changes.emplace_back(store->hashOf(record.key), store->appender().add(record), record.kind,
                             record.tree == 0);
        left.remove_prefix(parsed->bytes);
      }
    store->commit(changes);
  };
  std::vector<std::string_view> open;
  std::vector<std::unique_ptr<Segment>> segments;
  for (const std::uint64_t number : segmentNumbers(directory.get())) {
    try {
      auto segment = Segment::open(directory.get(), number, false);
      if (!segment) throw SegmentMissing(segmentFile(number));
      segments.push_back(std::move(segment));
    } catch (const Error& error) {
      addError(report, segmentFile(number), error.what(), "passed over");
      continue;
    }
    ++report.files;
    const Segment& segment = *segments.back();
    const std::string_view all(segment.data(), segment.fileBytes());
    report.bytes += all.size();
    for (std::size_t at = kSegmentHeaderBytes; at < all.size();) {
      const Frame frame = readFrame(all.substr(at), segment.header().salt, at);
      if (frame.state == FrameState::Whole) {
        if ((frame.header.flags & (kMark | kSeal)) == 0) open.push_back(frame.body);
        if ((frame.header.flags & kCommit) != 0) {
          keep(open);
          open.clear();
        }
        at += kFrameHeaderBytes + frame.body.size();
        continue;
      }
      const std::size_t next = nextFrame(all, at + 1, segment.header().salt);
      const bool isEnd = next == std::string_view::npos;
      if (!isEnd || frame.state == FrameState::Torn)
        addError(report, segment.file(), upTo(at, isEnd ? all.size() : next), "passed over");
      if (isEnd) break;
      at = next;
    }
  }
  report.items = store->count(0);
  store->close();
}

}  // namespace hexpage::kv
