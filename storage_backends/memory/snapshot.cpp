#include "memory/snapshot.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <hexpage/error.hpp>

#include "memory/segment.hpp"
#include "support/bytes.hpp"
#include "support/checksum.hpp"
#include "support/own_file.hpp"
#include "support/write_all.hpp"

namespace hexpage {
namespace {

constexpr std::string_view kMagic = "hexpage snapshot";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kFrameHead = 12;
constexpr mode_t kFileMode = 0600;

enum class FrameKind : char { Hash = 1, Record = 2, Items = 3, End = 4 };

std::string frameOf(FrameKind kind) { return std::string(1, static_cast<char>(kind)); }

// A snapshot's bytes from its beginning on.
class Source {
 public:
  Source(const OpenFile& open, const std::string& path)
      : fd_(open.fd), path_(path), left_(static_cast<std::uint64_t>(open.status.st_size)) {}

  std::uint64_t left() const { return left_; }

  std::string take(std::uint64_t size) {
    if (size > left_) refuse("it ends early");
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size;) {
      const ssize_t got = ::read(fd_.get(), bytes.data() + at, size - at);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throwSystem("read", path_);
      if (got == 0) refuse("it ends early");
      at += static_cast<std::size_t>(got);
    }
    left_ -= size;
    at_ += size;
    return bytes;
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(Code::Corrupt, path_ + ": " + reason + " at byte " + std::to_string(at_) +
                                   "; it is left as it is: move it aside to begin anew");
  }

 private:
  const Fd& fd_;
  const std::string& path_;
  std::uint64_t left_;
  std::uint64_t at_ = 0;
};

struct Counts {
  std::uint64_t hashes = 0, records = 0, items = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
};

Expires expiresOf(ByteReader& reader) { return static_cast<Expires>(reader.varint()); }

// Gives what the end says there were.
std::optional<Counts> visitFrame(std::string_view content, const std::string& path, Counts& seen,
                                 const SnapshotVisitor& visit) {
  ByteReader reader(content, path);
  switch (static_cast<FrameKind>(reader.byte())) {
    case FrameKind::Hash: {
      const std::uint64_t table = reader.varint();
      const std::string_view name = reader.text();
      visit.hash(table, name, reader.text());
      ++seen.hashes;
      break;
    }
    case FrameKind::Record: {
      const std::string_view name = reader.text();
      visit.record(name, reader.text());
      ++seen.records;
      break;
    }
    case FrameKind::Items: {
      const std::uint64_t table = reader.varint();
      for (std::uint64_t left = reader.varint(); left > 0; --left, ++seen.items) {
        const std::string_view key = reader.text();
        const std::string_view text = reader.text();
        visit.item(table, key, text, expiresOf(reader));
      }
      break;
    }
    case FrameKind::End:
      return Counts{reader.varint(), reader.varint(), reader.varint()};
    default:
      reader.refuse("a frame of an unknown kind");
  }
  reader.end();
  return std::nullopt;
}

}  // namespace

std::string hashFrame(std::uint64_t table, std::string_view path, std::string_view header) {
  std::string frame = frameOf(FrameKind::Hash);
  putVarint(frame, table);
  putText(frame, path);
  putText(frame, header);
  return frame;
}

std::string recordFrame(std::string_view path, std::string_view text) {
  std::string frame = frameOf(FrameKind::Record);
  putText(frame, path);
  putText(frame, text);
  return frame;
}

std::string itemsFrame(std::uint64_t table, const Segment& segment) {
  std::string frame = frameOf(FrameKind::Items);
  frame.reserve(16 + segment.sizeBytes() + 12 * segment.size());
  putVarint(frame, table);
  putVarint(frame, segment.size());
  for (const EntryPtr& entry : segment.entries()) {
    putText(frame, entry->key());
    putText(frame, entry->text());
    putVarint(frame, static_cast<std::uint64_t>(entry->expires()));
  }
  return frame;
}

SnapshotPlace::SnapshotPlace(const std::string& file)
    : path(file), name(std::filesystem::path(file).filename().string()) {
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  directory = Fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throwSystem("open the directory of", file);
}

SnapshotWriter::SnapshotWriter(const SnapshotPlace& place)
    : place_(place),
      newName_(place.name + ".new"),
      newPath_(place.path + ".new"),
      fd_(makeAnew(place.directory.get(), newName_, kFileMode, newPath_)) {
  buffer_ = kMagic;
  putU32(buffer_, kVersion);
}

SnapshotWriter::~SnapshotWriter() {
  // What can not be removed is replaced by the next one.
  if (!isFinished_) ::unlinkat(place_.directory.get(), newName_.c_str(), 0);
}

void SnapshotWriter::add(std::string_view content) {
  count(content);
  putU32(buffer_, static_cast<std::uint32_t>(content.size()));
  putU64(buffer_, checksum(content, frames_++));
  buffer_ += content;
  if (buffer_.size() >= kBufferBytes) flush();
}

void SnapshotWriter::count(std::string_view content) {
  switch (static_cast<FrameKind>(content.front())) {
    case FrameKind::Hash:
      ++hashes_;
      break;
    case FrameKind::Record:
      ++records_;
      break;
    case FrameKind::Items: {
      ByteReader reader(content.substr(1), "frame");
      reader.varint();
      items_ += reader.varint();
      break;
    }
    case FrameKind::End:
      break;
  }
}

void SnapshotWriter::flush() {
  writeAll(fd_.get(), buffer_, newPath_, written_);
  written_ += buffer_.size();
  buffer_.clear();
}

void SnapshotWriter::finish() {
  std::string end = frameOf(FrameKind::End);
  for (const std::uint64_t number : {hashes_, records_, items_}) putVarint(end, number);
  add(end);
  flush();
  if (::fsync(fd_.get()) != 0) throwSystem("sync", newPath_);
  const int directory = place_.directory.get();
  if (::renameat(directory, newName_.c_str(), directory, place_.name.c_str()) != 0)
    throwSystem("rename", newPath_);
  isFinished_ = true;
  if (::fsync(directory) != 0) throwSystem("sync the directory of", place_.path);
}

void readSnapshot(const SnapshotPlace& place, const SnapshotVisitor& visit) {
  const auto open = openFile(place.directory.get(), place.name, O_RDONLY, place.path);
  if (!open) return;
  Source source(*open, place.path);
  if (source.left() < kMagic.size() + 4 || source.take(kMagic.size()) != kMagic)
    source.refuse("no snapshot of hexpage");
  const std::string version = source.take(4);
  if (const auto number = ByteReader(version, place.path).u32(); number != kVersion)
    source.refuse("a snapshot of version " + std::to_string(number) +
                  ", which this hexpage does not read,");
  Counts seen;
  for (std::uint64_t frame = 0;; ++frame) {
    const std::string head = source.take(kFrameHead);
    ByteReader reader(head, place.path);
    const std::uint32_t size = reader.u32();
    const std::uint64_t sum = reader.u64();
    const std::string content = source.take(size);
    if (content.empty() || checksum(content, frame) != sum) source.refuse("damaged");
    const auto told = visitFrame(content, place.path, seen, visit);
    if (!told) continue;
    if (*told != seen || source.left() > 0) source.refuse("its end does not fit the rest");
    return;
  }
}

}  // namespace hexpage
