#include "filesystem/read_only_store.hpp"

#include <algorithm>
#include <hexpage/error.hpp>
#include <list>
#include <utility>

#include "filesystem/merged_walk.hpp"
#include "filesystem/recovery_plan.hpp"
#include "support/batch_codec.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kEpoch = 1;  // nothing changes, so there is but one

}  // namespace

std::unique_ptr<ReadOnlyStore> ReadOnlyStore::open(const JournaledStoreOptions& options) {
  Fd directory = openDirectoryThere(options.baseDir, options.directory);
  checkLayout(options.baseDir, options.layout);
  const std::string own(kOwnDirectory);
  const Fd ownFolder = openFolder(directory.get(), own);
  auto lock = ReaderLock::take(ownFolder.get(), options.lockTimeout);
  if (!lock) return nullptr;
  std::unique_ptr<ReadOnlyStore> store(new ReadOnlyStore(options, std::move(directory)));
  store->lock_ = std::move(lock);
  return store;
}

ReadOnlyStore::ReadOnlyStore(const JournaledStoreOptions& options, Fd directory)
    : baseDir_(options.baseDir), layout_(options.layout), directory_(std::move(directory)) {
  if (!journalPlaces(directory_.get()).empty())
    checkpoint_.emplace(Checkpoint::read(directory_.get()));
  files_ = std::make_unique<FileStore>(
      directory_.get(),
      FileStoreOptions{baseDir_, layout_, "", checkpoint_ ? checkpoint_->store() : 0,
                       options.checksums});
}

void ReadOnlyStore::recover(Redo redo) {
  if (checkpoint_) applyJournals(*checkpoint_, redo);
  isRecovered_ = true;
}

// (5) of journaled_store.hpp, but into memory.
void ReadOnlyStore::applyJournals(const Checkpoint& checkpoint, const Redo& redo) {
  const std::optional<std::uint64_t> onDisk = checkpoint.stampAfterCrash();
  std::list<JournalPair> journals;
  JournalContents contents;
  for (const std::uint32_t place : journalPlaces(directory_.get())) {
    JournalPair& journal =
        journals.emplace_back(directory_.get(), place, checkpoint.store(),
                              checkpoint.journalNote(place), JournalAccess::Read);
    contents[place] = readJournal(journal);
  }
  applyTakeOvers(contents);
  for (const JournalContent::Flush* flush : flushesToPlace(contents, onDisk))
    for (RecordWrite& write : flush->writes()) put(std::move(write));
  for (const auto& [place, content] : contents)
    for (const JournalContent::LoggedBatch& batch : content.batches)
      redo(decodeBatch(batch.batch), kEpoch);
}

void ReadOnlyStore::put(RecordWrite write) {
  if (write.kind == RecordWrite::Kind::Move) return move(write);
  keep(std::move(write));
}

void ReadOnlyStore::keep(RecordWrite write) {
  if (write.kind == RecordWrite::Kind::Removal)
    removed_.insert(fileOf(write.path));
  else
    removed_.erase(fileOf(write.path));
  const bool isText = write.kind == RecordWrite::Kind::Text;
  std::vector<RecordWrite> writes;
  writes.push_back(std::move(write));
  known_.reserve(writes);
  known_.put(writes, {isText ? std::make_shared<Version>() : nullptr});
}

// A Move that is kept stands for a file that has its old name still. One whose source is gone was
// done before.
void ReadOnlyStore::move(const RecordWrite& write) {
  const Source source = sourceOf(write.content.view());
  if (!source.text && !source.file) return;
  RecordWrite moved{write.path, RecordWrite::Kind::Move, source.file.value_or(""), write.isNamed};
  if (source.text) {
    moved.kind = RecordWrite::Kind::Text;
    moved.content = source.text->content;
    moved.children = source.text->children;
  } else if (!files_->stamp(*source.file)) {
    return;
  }
  keep(std::move(moved));
  keep({.path = std::string(write.content.view()), .content = {}, .isNamed = write.isNamed});
}

ReadOnlyStore::Source ReadOnlyStore::sourceOf(std::string_view path) const {
  const DirtyRecords::Content known = known_.find(path);
  // What another process was building when it died.
  if (!known.write && isRecovered_ && isHidden(path)) return {};
  if (!known.write) return {nullptr, nullptr, std::string(path)};
  switch (known.write->kind) {
    case RecordWrite::Kind::Text:
      return {known.write, known.version, std::nullopt};
    case RecordWrite::Kind::Move:
      return {nullptr, nullptr, std::string(known.write->content.view())};
    case RecordWrite::Kind::Removal:
      break;
  }
  return {};
}

void ReadOnlyStore::refuseChild() const {
  if (lock_->isChild())
    throw Error(Code::InvalidArgument,
                "the store was opened before this process was forked; open it anew in the child");
}

Claim ReadOnlyStore::claim(std::span<const std::string_view>, LockMode, bool) {
  refuseChild();
  return Claim(kEpoch);
}

Claim ReadOnlyStore::claimStructure(LockMode) {
  refuseChild();
  return Claim(kEpoch);
}

Claim ReadOnlyStore::claimAll() {
  refuseChild();
  return Claim(kEpoch);
}

// A file on its way has the checksum of its old path or of the new one.
std::optional<FileStore::Content> ReadOnlyStore::contentOf(std::string_view path,
                                                           const Source& source) const {
  if (!source.file) return std::nullopt;
  if (*source.file == path) return files_->read(path);
  try {
    return files_->read(path, layout_.fileOf(*source.file));
  } catch (const Error& e) {
    if (e.code() != Code::Corrupt) throw;
    return files_->read(*source.file);
  }
}

std::optional<StoredRecord> ReadOnlyStore::read(std::string_view path) {
  const Source source = sourceOf(path);
  if (source.text)
    return StoredRecord{std::string(source.text->content.view()), source.version,
                        source.text->children};
  auto content = contentOf(path, source);
  if (!content) return std::nullopt;
  return StoredRecord{std::move(content->text), std::make_shared<const Version>(content->stamp),
                      content->children};
}

std::optional<CheckedRecord> ReadOnlyStore::readChecked(std::string_view path) {
  const Source source = sourceOf(path);
  if (source.file && *source.file == path) return files_->readChecked(path);
  auto stored = read(path);
  if (!stored) return std::nullopt;
  return CheckedRecord{std::move(stored->text), SealState::Ok, stored->children};
}

void ReadOnlyStore::seal(std::string_view, Children) {
  throw Error(Code::ReadOnly, baseDir_ + " was opened for reading only");
}

bool ReadOnlyStore::isCurrent(std::string_view path, const VersionPtr& version) {
  const Source source = sourceOf(path);
  if (source.text) return version == source.version;
  const auto stamp = source.file ? files_->stamp(*source.file) : std::nullopt;
  return version ? stamp == version->stamp() : !stamp;
}

std::optional<std::uint64_t> ReadOnlyStore::size(std::string_view path) {
  const Source source = sourceOf(path);
  if (source.text) return source.text->content.size();
  const auto stamp = source.file ? files_->stamp(*source.file) : std::nullopt;
  return stamp ? std::optional(stamp->size) : std::nullopt;
}

// Only batches of the journals come, while it is recovered.
Committed ReadOnlyStore::commit(std::vector<RecordWrite> writes, const Origin&) {
  if (isRecovered_) throw Error(Code::ReadOnly, baseDir_ + " was opened for reading only");
  Committed committed;
  for (RecordWrite& write : writes) {
    const std::string path = write.path;
    put(std::move(write));
    committed.versions.push_back(known_.find(path).version);
  }
  return committed;
}

void ReadOnlyStore::walk(std::string_view root, std::string_view after,
                         const std::function<Walk(std::string_view path)>& visit) {
  walkMerged(*files_, known_.named(root), root, after, visit);
}

// Without those that will be gone when the store is opened to write.
std::vector<std::string> ReadOnlyStore::files(std::string_view folder) {
  std::vector<std::string> files = files_->files(folder);
  std::erase_if(files, [this](const std::string& file) { return removed_.contains(file); });
  return files;
}

std::string ReadOnlyStore::quarantine(const std::string& file, Aside) {
  throw Error(Code::ReadOnly, file + ": " + baseDir_ + " was opened for reading only");
}

}  // namespace hexpage
