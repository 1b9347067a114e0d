#include "binary/index_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <hexpage/error.hpp>

#include "binary/segment.hpp"
#include "support/byte_order.hpp"
#include "support/checksum.hpp"
#include "support/own_file.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage::kv {
namespace {

const std::string kFile = kIndexFile;
const std::string kNewFile = "index.new";
constexpr std::string_view kMagic = "HXKVIX";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kSuperblockBytes = 4096;
constexpr std::size_t kSuperblockUsed = 40;
constexpr std::size_t kImageHeader = 16;
constexpr std::size_t kFlushBytes = 1 << 20;

std::string encode(const Summary& summary) {
  std::string out;
  for (const std::uint64_t word :
       {summary.store, summary.hashSeed, summary.applied.value, summary.lastTree, summary.fullBytes,
        summary.zero, summary.others, std::uint64_t{summary.segments.size()}})
    put(out, word);
  for (const Summary::SegmentState& segment : summary.segments) {
    put(out, segment.number);
    put(out, segment.deadBytes);
    put(out, segment.tombstoneBytes);
  }
  return out;
}

// The payload's checksum was good.
Summary decodeSummary(std::string_view bytes) {
  std::size_t at = 0;
  const auto next = [&] {
    const auto word = load<std::uint64_t>(bytes.data() + at);
    at += sizeof word;
    return word;
  };
  if (bytes.size() < 64 || bytes.size() != 64 + 24 * load<std::uint64_t>(bytes.data() + 56))
    throw Error(Code::Corrupt, kFile + ": the root has a wrong size");
  Summary summary;
  summary.store = next();
  summary.hashSeed = next();
  summary.applied.value = next();
  summary.lastTree = next();
  summary.fullBytes = next();
  summary.zero = next();
  summary.others = next();
  summary.segments.resize(next());
  for (Summary::SegmentState& segment : summary.segments) {
    segment.number = next();
    segment.deadBytes = next();
    segment.tombstoneBytes = next();
  }
  return summary;
}

}  // namespace

IndexFile::IndexFile(int directory, Fd fd, std::string file, std::uint64_t store,
                     const LogRoom& room)
    : directory_(directory),
      fd_(std::move(fd)),
      file_(std::move(file)),
      store_(store),
      room_(room) {}

std::unique_ptr<IndexFile> IndexFile::create(int directory, mode_t mode, std::uint64_t store,
                                             const LogRoom& room) {
  Fd fd = makeAnew(directory, kNewFile, mode, kNewFile);
  std::unique_ptr<IndexFile> file(new IndexFile(directory, std::move(fd), kNewFile, store, room));
  file->end_ = 2 * kSuperblockBytes;
  return file;
}

std::unique_ptr<IndexFile> IndexFile::open(int directory, std::uint64_t store, bool isWritable,
                                           const LogRoom& room) {
  auto open = openFile(directory, kFile, isWritable ? O_RDWR : O_RDONLY, kFile);
  if (!open) return nullptr;
  std::unique_ptr<IndexFile> file(
      new IndexFile(directory, std::move(open->fd), kFile, store, room));
  const std::string head = readAt(file->fd_.get(), 0, 8, kFile);
  if (head.size() == 8 && head.starts_with(kMagic) &&
      load<std::uint16_t>(head.data() + 6) > kVersion)
    throw Error(Code::InvalidArgument,
                kFile + " has a newer format than this program knows: use a newer hexpage");
  file->seekEnd();
  return file;
}

void IndexFile::seekEnd() {
  struct stat status;
  if (::fstat(fd_.get(), &status) != 0) throwSystem("look at", file_);
  end_ = std::max<std::uint64_t>(static_cast<std::uint64_t>(status.st_size), 2 * kSuperblockBytes);
  begin_ = end_;
}

bool IndexFile::isInPlace() const {
  struct stat ours, named;
  return ::fstat(fd_.get(), &ours) == 0 &&
         ::fstatat(directory_, kFile.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

std::optional<IndexFile::Superblock> IndexFile::superblock(unsigned which) const {
  const std::string bytes = readAt(fd_.get(), which * kSuperblockBytes, kSuperblockUsed, file_);
  if (bytes.size() < kSuperblockUsed || !bytes.starts_with(kMagic)) return std::nullopt;
  if (load<std::uint16_t>(bytes.data() + 6) != kVersion) return std::nullopt;
  if (load<std::uint64_t>(bytes.data() + 32) != checksum(std::string_view(bytes).substr(0, 32)))
    return std::nullopt;
  if (load<std::uint64_t>(bytes.data() + 8) != store_) return std::nullopt;
  return Superblock{load<std::uint64_t>(bytes.data() + 16), load<std::uint64_t>(bytes.data() + 24)};
}

std::optional<IndexFile::Found> IndexFile::newest() const {
  std::optional<Superblock> first = superblock(0), second = superblock(1);
  bool isOlder = !first && second && second->generation > 1;
  if (first && !second && first->generation > 1) isOlder = true;
  if (second && (!first || second->generation > first->generation)) std::swap(first, second);
  for (const auto& block : {first, second}) {
    if (!block) continue;
    try {
      return Found{decodeSummary(read(block->root, Kind::Summary)), isOlder};
    } catch (const Error& error) {
      if (error.code() != Code::Corrupt) throw;
      isOlder = true;
    }
  }
  return std::nullopt;
}

std::string IndexFile::read(std::uint64_t location, Kind kind) const {
  const std::string head = readAt(fd_.get(), location, kImageHeader, file_);
  const auto damaged = [&] {
    return Error(Code::Corrupt, file_ + " is damaged at byte " + std::to_string(location) +
                                    ": remove it while no process has the store open, and it is "
                                    "made anew from the log");
  };
  if (head.size() < kImageHeader || head[4] != static_cast<char>(kind)) throw damaged();
  const std::string payload =
      readAt(fd_.get(), location + kImageHeader, load<std::uint32_t>(head.data()), file_);
  const std::string_view parts[] = {std::string_view(head).substr(0, 8), payload};
  if (payload.size() != load<std::uint32_t>(head.data()) ||
      load<std::uint64_t>(head.data() + 8) != checksum(parts, store_ + location))
    throw damaged();
  return payload;
}

std::uint64_t IndexFile::append(Kind kind, std::string_view payload) {
  const std::uint64_t location = end_ + buffer_.size();
  char head[kImageHeader] = {};
  store(head, static_cast<std::uint32_t>(payload.size()));
  head[4] = static_cast<char>(kind);
  const std::string_view parts[] = {{head, 8}, payload};
  store(head + 8, checksum(parts, store_ + location));
  buffer_.append(head, sizeof head).append(payload);
  if (buffer_.size() >= kFlushBytes) flush();
  return location;
}

void IndexFile::flush() {
  room_.require(buffer_.size() + 2 * kSuperblockBytes, Use::Removal);
  writeAt(fd_.get(), end_, buffer_, file_);
  end_ += buffer_.size();
  buffer_.clear();
}

void IndexFile::publish(const Summary& summary) {
  const std::uint64_t root = append(Kind::Summary, encode(summary));
  flush();
  if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0) throwSystem("sync", file_);
  begin_ = end_;  // from here on it may count
  const std::optional<Superblock> blocks[] = {superblock(0), superblock(1)};
  const std::uint64_t generations[] = {blocks[0] ? blocks[0]->generation : 0,
                                       blocks[1] ? blocks[1]->generation : 0};
  const unsigned which = generations[0] > generations[1] ? 1 : 0;  // the older one
  std::string bytes(kSuperblockBytes, '\0');
  kMagic.copy(bytes.data(), kMagic.size());
  store(bytes.data() + 6, kVersion);
  store(bytes.data() + 8, store_);
  store(bytes.data() + 16, std::max(generations[0], generations[1]) + 1);
  store(bytes.data() + 24, root);
  store(bytes.data() + 32, checksum(std::string_view(bytes).substr(0, 32)));
  writeAt(fd_.get(), which * kSuperblockBytes, bytes, file_);
  if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0) throwSystem("sync", file_);
}

void IndexFile::install() {
  if (::renameat(directory_, kNewFile.c_str(), directory_, kFile.c_str()) != 0)
    throwSystem("rename", kNewFile);
  if (uninterrupted([&] { return ::fsync(directory_); }) != 0)
    throwSystem("sync the directory of", kFile);
  file_ = kFile;
}

void IndexFile::giveUp() noexcept {
  buffer_.clear();
  if (file_ == kNewFile) {
    ::unlinkat(directory_, kNewFile.c_str(), 0);
  } else {
    const auto cut = [&] { return ::ftruncate(fd_.get(), static_cast<off_t>(begin_)); };
    static_cast<void>(uninterrupted(cut));  // what is behind the newest root does not count
  }
}

void IndexFile::remove(int directory) {
  if (::unlinkat(directory, kFile.c_str(), 0) != 0 && errno != ENOENT) throwSystem("remove", kFile);
  syncFolder(directory, "");
}

}  // namespace hexpage::kv
