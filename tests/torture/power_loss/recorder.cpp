#include "recorder.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "image.hpp"
#include "tests/support/failing_calls.hpp"
#include "tests/torture/tracer.hpp"

namespace hexpage::torture {
namespace {

constexpr int kWorkingDirectory = -1;  // the call has no argument for a directory

// Where a call has a name that it may change: the arguments with the directory and the path.
struct NameAt {
  long call;
  int directory;
  int path;
};

constexpr NameAt kNames[] = {
    {SYS_open, kWorkingDirectory, 0},
    {SYS_creat, kWorkingDirectory, 0},
    {SYS_openat, 0, 1},
    {SYS_openat2, 0, 1},
    {SYS_rename, kWorkingDirectory, 0},
    {SYS_rename, kWorkingDirectory, 1},
    {SYS_renameat, 0, 1},
    {SYS_renameat, 2, 3},
    {SYS_renameat2, 0, 1},
    {SYS_renameat2, 2, 3},
    {SYS_link, kWorkingDirectory, 1},
    {SYS_linkat, 2, 3},
    {SYS_unlink, kWorkingDirectory, 0},
    {SYS_unlinkat, 0, 1},
    {SYS_mkdir, kWorkingDirectory, 0},
    {SYS_mkdirat, 0, 1},
    {SYS_rmdir, kWorkingDirectory, 0},
};

std::string memoryOf(pid_t thread, std::uint64_t address, std::size_t size) {
  std::string bytes(size, '\0');
  const iovec here{bytes.data(), size};
  const iovec there{reinterpret_cast<void*>(address), size};
  if (size != 0 && ::process_vm_readv(thread, &here, 1, &there, 1, 0) != static_cast<ssize_t>(size))
    throw std::system_error(errno, std::generic_category(), "process_vm_readv");
  return bytes;
}

// A text that ends in a zero; read page by page, since what follows it may not be mapped.
std::string textOf(pid_t thread, std::uint64_t address) {
  constexpr std::uint64_t kPage = 4096;
  std::string text;
  while (text.find('\0') == std::string::npos) {
    const std::uint64_t at = address + text.size();
    text += memoryOf(thread, at, kPage - at % kPage);
  }
  return text.c_str();
}

// Whether it opens a file that has no name yet (O_TMPFILE).
bool isNameless(const Call& call) {
  const std::uint64_t flags = call.arguments[call.number == SYS_openat ? 2 : 1];
  return (call.number == SYS_open || call.number == SYS_openat) && (flags & O_TMPFILE) == O_TMPFILE;
}

std::string procOf(pid_t thread) { return "/proc/" + std::to_string(thread); }

pid_t processOf(pid_t thread) {
  std::ifstream status(procOf(thread) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Tgid:")) return std::stoi(line.substr(5));
  throw std::runtime_error("no process of thread " + std::to_string(thread));
}

struct Name {
  Place place;
  std::string path;  // as the recorder reaches it
};

// A file that is also written through mappings: what they have written since the last look.
class MappedFile {
 public:
  // Of a descriptor, which may be one with O_PATH.
  explicit MappedFile(int fd) : file_("/proc/self/fd/" + std::to_string(fd)), content_(now()) {}

  // What a call has written is no news.
  void know(const Write& write) {
    if (content_.size() < write.offset + write.bytes.size())
      content_.resize(write.offset + write.bytes.size());
    content_.replace(write.offset, write.bytes.size(), write.bytes);
  }
  void know(const Resize& resize) {
    if (!resize.onlyGrows || resize.size > content_.size()) content_.resize(resize.size);
  }

  // Offset and bytes of each page's changes.
  std::vector<std::pair<std::uint64_t, std::string>> look() {
    constexpr std::size_t kPage = 4096;
    std::vector<std::pair<std::uint64_t, std::string>> changes;
    std::string content = now();
    content.resize(content_.size());  // what is beyond it, a call is about to have written
    for (std::size_t at = 0; at < content.size(); at += kPage) {
      const std::string_view page = std::string_view(content).substr(at, kPage);
      const std::string_view before = std::string_view(content_).substr(at, kPage);
      if (page == before) continue;
      const auto begin = std::mismatch(page.begin(), page.end(), before.begin()).first;
      const auto end = std::mismatch(page.rbegin(), page.rend(), before.rbegin()).first.base();
      changes.emplace_back(at + static_cast<std::size_t>(begin - page.begin()),
                           std::string(begin, end));
    }
    content_ = std::move(content);
    return changes;
  }

 private:
  std::string now() const {
    std::ifstream file(file_, std::ios::binary | std::ios::ate);
    std::string bytes(static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0)), '\0');
    if (!file.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw std::runtime_error("can not read " + file_);
    return bytes;
  }

  const std::string file_;
  std::string content_;
};

class Recorder {
 public:
  Recorder(const std::string& directory, std::span<Progress* const> progress,
           const std::optional<KillAt>& kill)
      : progress_(progress.begin(), progress.end()), kill_(kill) {
    log_.before = readTree(directory);
    log_.directories = log_.before.directories;
    known_ = log_.directories;
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) throw std::runtime_error("no " + directory);
    device_ = status.st_dev;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
      hold(entry.path().string(), inodeOf(entry.path().string()));
  }
  Recorder(const Recorder&) = delete;
  ~Recorder() {
    for (const int fd : held_) ::close(fd);
  }

  Action atCall(const Call& call) {
    if (!call.isChanging() && !isNameless(call)) return {};
    if (kill_ && processOf(call.thread) == kill_->child && kill_->call-- == 0) {
      for (const pid_t other : kill_->others) ::kill(other, SIGKILL);
      return {Action::KillBefore};
    }
    marks_ = marks();
    lookAtMapped();
    names_ = namesOf(call);
    before_.clear();
    for (const Name& name : names_) before_.push_back(inodeOf(name.path));
    return {Action::Observe};
  }

  void atReturn(const Call& call, std::int64_t result) {
    if (result < 0) return;
    switch (call.group) {
      case Group::Open:
        return opened(call, static_cast<int>(result));
      case Group::Name:
        return rebound(call);
      case Group::Write:
        return written(call, static_cast<std::size_t>(result));
      case Group::Sync:
        return synced(call);
      case Group::Attribute:
        return attributed(call);
      default:
        return;
    }
  }

  Log take() {
    log_.atEnd = marks_ = marks();
    lookAtMapped();
    return std::move(log_);
  }

 private:
  std::vector<Mark> marks() const {
    std::vector<Mark> all;
    for (const Progress* one : progress_)
      all.push_back({one->begun, one->acknowledged, one->synced});
    return all;
  }

  void add(const Call& call, DiskChange change) {
    if (const auto* write = std::get_if<Write>(&change))
      if (const auto mapped = mapped_.find(write->file); mapped != mapped_.end())
        mapped->second.know(*write);
    if (const auto* resize = std::get_if<Resize>(&change))
      if (const auto mapped = mapped_.find(resize->file); mapped != mapped_.end())
        mapped->second.know(*resize);
    log_.entries.push_back({std::move(change), call.name, marks_});
  }

  // It has happened since the call before; as far as that matters, now.
  void lookAtMapped() {
    for (auto& [inode, file] : mapped_)
      for (auto& [offset, bytes] : file.look())
        log_.entries.push_back({Write{inode, offset, std::move(bytes)}, "a mapping", marks_});
  }

  // --- names ---

  std::vector<Name> namesOf(const Call& call) const {
    std::vector<Name> names;
    for (const NameAt& at : kNames)
      if (at.call == call.number) names.push_back(nameAt(call, at));
    return names;
  }

  Name nameAt(const Call& call, const NameAt& at) const {
    std::string path = textOf(call.thread, call.arguments[static_cast<std::size_t>(at.path)]);
    if (!path.starts_with('/')) {
      const int directory =
          at.directory == kWorkingDirectory
              ? AT_FDCWD
              : static_cast<int>(call.arguments[static_cast<std::size_t>(at.directory)]);
      path =
          (directory == AT_FDCWD ? procOf(call.thread) + "/cwd" : fileOf(call.thread, directory)) +
          "/" + path;
    }
    while (path.ends_with('/')) path.pop_back();
    const std::size_t slash = path.rfind('/');
    return {{inodeOf(path.substr(0, slash) + "/."), path.substr(slash + 1)}, path};
  }

  // 0 where there is nothing, or nothing of this file system.
  Inode inodeOf(const std::string& path) const {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && status.st_dev == device_ ? status.st_ino : 0;
  }

  void opened(const Call& call, int fd) {
    const std::string file = fileOf(call.thread, fd);
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || status.st_dev != device_) return;
    if (isNameless(call)) {  // the path is that of the directory
      if (known_.contains(before_[0])) hold(file, status.st_ino);
    } else if (before_[0] == 0) {
      rebound(call);
    } else if (known_.contains(status.st_ino) && status.st_size == 0) {  // O_TRUNC, or was empty
      add(call, Resize{status.st_ino, 0, false});
    }
  }

  void rebound(const Call& call) {
    Rebind change;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Name& name = names_[i];
      if (!known_.contains(name.place.first)) continue;
      const Inode target = inodeOf(name.path);
      if (target != 0 && !known_.contains(target)) hold(name.path, target);
      if (target != before_[i]) change.names.push_back({name.place, target});
    }
    if (!change.names.empty()) add(call, std::move(change));
  }

  // Knows the inode from now on, and keeps its number from being given to another.
  void hold(const std::string& path, Inode inode) {
    known_.insert(inode);
    const int fd = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "hold " + path);
    held_.push_back(fd);
    struct stat status {};
    if (::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) log_.directories.insert(inode);
    if (S_ISREG(status.st_mode) && path.find("/.hexpage/journals/") != std::string::npos)
      mapped_.emplace(inode, fd);
  }

  // --- contents ---

  static std::string fileOf(pid_t thread, int fd) {
    return procOf(thread) + "/fd/" + std::to_string(fd);
  }

  // The known file or directory that the descriptor in the first argument stands for.
  std::optional<Inode> fileOf(const Call& call) const {
    struct stat status {};
    const std::string path = fileOf(call.thread, static_cast<int>(call.arguments[0]));
    if (::stat(path.c_str(), &status) != 0 || status.st_dev != device_ ||
        !known_.contains(status.st_ino))
      return std::nullopt;
    return status.st_ino;
  }

  void written(const Call& call, std::size_t size) {
    const auto& a = call.arguments;
    const auto file = fileOf(call);
    if (!file) return;
    switch (call.number) {
      case SYS_write:
        return add(call, Write{*file, offsetBefore(call, size), memoryOf(call.thread, a[1], size)});
      case SYS_writev:
        return add(call, Write{*file, offsetBefore(call, size), vectorOf(call, size)});
      case SYS_pwrite64:
        return add(call, Write{*file, a[3], memoryOf(call.thread, a[1], size)});
      case SYS_pwritev:
      case SYS_pwritev2:
        return add(call, Write{*file, a[3], vectorOf(call, size)});
      case SYS_ftruncate:
        return add(call, Resize{*file, a[1], false});
      case SYS_fallocate:
        if (a[1] == 0) return add(call, Resize{*file, a[2] + a[3], true});
        if (a[1] == FALLOC_FL_KEEP_SIZE) return;
        [[fallthrough]];
      default:
        throw std::runtime_error(std::string("can not record ") + call.name);
    }
  }

  std::string vectorOf(const Call& call, std::size_t size) const {
    std::vector<iovec> pieces(call.arguments[2]);
    const std::string bytes =
        memoryOf(call.thread, call.arguments[1], pieces.size() * sizeof(iovec));
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(pieces.data()));
    std::string all;
    for (const iovec& piece : pieces)
      all += memoryOf(call.thread, reinterpret_cast<std::uint64_t>(piece.iov_base),
                      std::min(piece.iov_len, size - all.size()));
    return all;
  }

  // Where a write without an offset began: the file's position has moved on by `size`.
  static std::uint64_t offsetBefore(const Call& call, std::size_t size) {
    std::ifstream info(procOf(call.thread) + "/fdinfo/" +
                       std::to_string(static_cast<int>(call.arguments[0])));
    std::string label;
    std::uint64_t position = 0;
    info >> label >> position;
    if (label != "pos:") throw std::runtime_error("no position of a file");
    return position - size;
  }

  void synced(const Call& call) {
    if (call.number == SYS_syncfs) return add(call, Sync{});
    if (call.number != SYS_fsync && call.number != SYS_fdatasync) return;
    if (const auto file = fileOf(call)) add(call, Sync{*file});
  }

  void attributed(const Call& call) {
    if (call.number == SYS_setxattr) throw std::runtime_error("can not record setxattr");
    const bool isRemoval = call.number == SYS_fremovexattr;
    if (call.number != SYS_fsetxattr && !isRemoval) return;
    const auto file = fileOf(call);
    if (!file) return;
    const auto& a = call.arguments;
    SetAttribute change{*file, textOf(call.thread, a[1]), std::nullopt};
    if (!isRemoval) change.value = memoryOf(call.thread, a[2], a[3]);
    add(call, std::move(change));
  }

  std::vector<Progress*> progress_;
  std::optional<KillAt> kill_;  // `call` counts down
  Log log_;
  dev_t device_ = 0;
  std::set<Inode> known_;
  std::vector<int> held_;
  std::map<Inode, MappedFile> mapped_;  // journals
  // Of the call that is being made.
  std::vector<Mark> marks_;
  std::vector<Name> names_;
  std::vector<Inode> before_;
};

}  // namespace

Recorded record(const std::string& directory, std::span<const pid_t> children,
                std::span<Progress* const> progress, const std::optional<KillAt>& kill) {
  Recorder recorder(directory, progress, kill);
  Recorded recorded;
  recorded.statuses = traceAll(
      children, [&](const Call& call) { return recorder.atCall(call); },
      [&](const Call& call, std::int64_t result) { recorder.atReturn(call, result); });
  recorded.log = recorder.take();
  return recorded;
}

void writeByCallsAlone() { testing::failCalls(SYS_fallocate, EOPNOTSUPP); }

void showRecorded() {
  showCalls(std::array{Group::Open, Group::Write, Group::Sync, Group::Name, Group::Attribute});
}

}  // namespace hexpage::torture
