#include "binary/checkpoint.hpp"

#include <algorithm>

namespace hexpage::kv {
namespace {

constexpr std::uint64_t kGarbageAllowance = 64 << 10;

}  // namespace

SegmentMissing::SegmentMissing(const std::string& file)
    : Error(Code::Corrupt, file +
                               " or its end is missing; `hexpage repair` saves what is left into a "
                               "new store") {}

bool Checkpointer::restore(Log& log, bool isWritable) {
  std::shared_ptr<IndexFile> file =
      IndexFile::open(directory_, log.settings().store, isWritable, room_);
  const std::optional<IndexFile::Found> found = file ? file->newest() : std::nullopt;
  // Behind an older one, segments may be gone that only the newest knows of.
  if (!found || found->isOlder || found->summary.hashSeed != log.settings().hashSeed) return false;
  const Summary& summary = found->summary;
  for (const Summary::SegmentState& segment : summary.segments)
    if (log.find(segment.number) == nullptr) throw SegmentMissing(segmentFile(segment.number));
  const Segment* const tail = log.find(summary.applied.segment());
  if (tail == nullptr || tail->fileBytes() < summary.applied.offset())
    throw SegmentMissing(segmentFile(summary.applied.segment()));
  // What its slots point to can be read once they are looked at.
  for (const Summary::SegmentState& state : summary.segments) {
    Segment& segment = *log.find(state.number);
    const std::uint64_t written = &segment == tail ? summary.applied.offset() : segment.fileBytes();
    segment.setWritten(std::max(segment.written(), written));
  }
  const std::optional<std::uint64_t> number = images_->add(file);
  if (!number) throw Error(Code::Io, "too many snapshots are held to read the index file anew");
  try {
    index_.restore(images_, summary.zero == 0 ? 0 : locationOf(*number, summary.zero),
                   summary.others == 0 ? 0 : locationOf(*number, summary.others));
  } catch (const Error& error) {
    images_->remove(*number);
    if (error.code() != Code::Corrupt) throw;
    return false;
  }
  if (file_) retireFile();
  number_ = *number;
  // One that the summary has not was being removed.
  for (Segment* const segment : log.segments())
    if (segment->number() < summary.applied.segment()) segment->deadBytes = segment->written();
  for (const Summary::SegmentState& segment : summary.segments) {
    log.find(segment.number)->deadBytes = segment.deadBytes;
    log.find(segment.number)->tombstoneBytes = segment.tombstoneBytes;
  }
  log.lastTree = std::max(log.lastTree.load(), summary.lastTree);
  file_ = std::move(file);
  fullBytes_ = summary.fullBytes;
  fileBytes_ = file_->bytes();
  restored_ = summary.applied;
  return true;
}

void Checkpointer::retireFile() {
  reclaimer_.retire([images = images_, old = number_] { images->remove(old); });
}

// Another process has put another file in its place, or most of this one is old.
bool Checkpointer::mustBeWhole() const {
  return !file_ || isFailed_ || !file_->isInPlace() ||
         file_->bytes() > 2 * fullBytes_ + kGarbageAllowance;
}

std::shared_ptr<const Index::Snapshot> Checkpointer::begin() {
  index_.setOnDisk(images_, false);
  isWhole_ = mustBeWhole();
  if (isWhole_) loadAll();
  return index_.snapshot();
}

// What was not needed yet has to come from the old file.
void Checkpointer::loadAll() {
  index_.forEachTree(index_.roots(), [&](Directory& directory) {
    for (std::size_t i = 0; i < directory.size(); i = directory.runEnd(i))
      index_.page(directory, i);
  });
}

// When this fails, places were given to what is not on disk: the next one writes everything anew.
void Checkpointer::write(const Index::Snapshot& snapshot, Summary summary) {
  try {
    writeTo(snapshot, std::move(summary));
  } catch (...) {
    isFailed_ = true;
    throw;
  }
  isFailed_ = false;
  const std::scoped_lock lock(index_.mutex());
  index_.setOnDisk(images_, true);
  index_.makeSpace();
}

void Checkpointer::writeTo(const Index::Snapshot& snapshot, Summary summary) {
  if (isWhole_)
    beginFile(summary.store);
  else
    file_->seekEnd();
  try {
    writeImages(snapshot.roots(), summary);
  } catch (...) {
    file_->giveUp();
    throw;
  }
  fileBytes_ = file_->bytes();
}

void Checkpointer::beginFile(std::uint64_t store) {
  std::shared_ptr<IndexFile> file = IndexFile::create(directory_, fileMode_, store, room_);
  const std::optional<std::uint64_t> number = images_->add(file);
  if (!number) throw Error(Code::Io, "too many snapshots are held to write the index file anew");
  if (file_) retireFile();
  file_ = std::move(file);
  number_ = *number;
}

void Checkpointer::writeImages(const Roots& roots, Summary& summary) {
  summary.zero = roots.zero == nullptr ? 0 : writeDirectory(*roots.zero);
  summary.others = roots.others == nullptr ? 0 : writeNode(*roots.others);
  if (isWhole_) fullBytes_ = file_->bytes();
  summary.fullBytes = fullBytes_;
  file_->publish(summary);
  if (isWhole_) file_->install();
}

void Checkpointer::verify(Report& report) const {
  const std::shared_ptr<IndexFile> file = file_;
  if (!file) return;
  const auto newest = file->newest();
  if (!newest || newest->isOlder) {
    report.findings.push_back({Severity::Error, "index", "a superblock is damaged",
                               "the next checkpoint writes it anew"});
    return;
  }
  const auto image = [&](std::uint64_t offset) { return locationOf(number_, offset); };
  const auto walkDirectory = [&](std::uint64_t offset) {
    const std::unique_ptr<Directory> directory(images_->directory(image(offset)));
    for (std::size_t i = 0; i < directory->size(); i = directory->runEnd(i))
      Page::free(images_->page(locationIn(directory->at(i))));
  };
  const std::function<void(std::uint64_t)> walkNode = [&](std::uint64_t offset) {
    const std::unique_ptr<TreeNode> node(images_->node(image(offset)));
    for (std::size_t i = 0; i < TreeNode::kWidth; ++i)
      if (const Word word = node->at(i); word != 0)
        node->level > 0 ? walkNode(offsetOf(locationIn(word)))
                        : walkDirectory(offsetOf(locationIn(word)));
  };
  try {
    if (newest->summary.zero != 0) walkDirectory(newest->summary.zero);
    if (newest->summary.others != 0) walkNode(newest->summary.others);
  } catch (const Error& error) {
    report.findings.push_back({Severity::Error, "index", error.what(), ""});
  }
}

std::uint64_t Checkpointer::writePage(Page& page) {
  if (const std::uint64_t location = page.location; isClean(location)) return offsetOf(location);
  const std::uint64_t offset = file_->append(IndexFile::Kind::Page, encode(page));
  page.location = locationOf(number_, offset);
  return offset;
}

std::uint64_t Checkpointer::writeDirectory(Directory& directory) {
  if (const std::uint64_t location = directory.location; isClean(location))
    return offsetOf(location);
  std::vector<std::uint64_t> offsets(directory.size());
  for (std::size_t i = 0; i < offsets.size();) {
    const Word word = directory.at(i);
    const std::uint64_t offset =
        isOnDisk(word) ? offsetOf(locationIn(word)) : writePage(*pointerIn<Page>(word));
    for (const std::size_t end = directory.runEnd(i); i < end; ++i) offsets[i] = offset;
  }
  const std::uint64_t offset =
      file_->append(IndexFile::Kind::Directory, encode(directory, offsets));
  directory.location = locationOf(number_, offset);
  return offset;
}

std::uint64_t Checkpointer::writeNode(TreeNode& node) {
  std::vector<std::uint64_t> offsets(TreeNode::kWidth);
  bool isChanged = !isClean(node.location);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const Word word = node.at(i);
    if (word == 0) continue;
    if (isOnDisk(word)) {
      offsets[i] = offsetOf(locationIn(word));
      continue;
    }
    const std::uint64_t end = file_->bytes();
    offsets[i] = node.level > 0 ? writeNode(*pointerIn<TreeNode>(word))
                                : writeDirectory(*pointerIn<Directory>(word));
    isChanged = isChanged || file_->bytes() != end;
  }
  if (!isChanged) return offsetOf(node.location);
  const std::uint64_t offset = file_->append(IndexFile::Kind::Node, encode(node, offsets));
  node.location = locationOf(number_, offset);
  return offset;
}

}  // namespace hexpage::kv
