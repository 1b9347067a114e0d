#include "filesystem/checkpoint.hpp"

#include <linux/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <hexpage/error.hpp>
#include <random>
#include <string>
#include <utility>

#include "support/checksum.hpp"
#include "support/uninterrupted.hpp"
#include "support/write_all.hpp"

namespace hexpage {
namespace {

const std::string kFile = ".hexpage/checkpoint";
constexpr std::uint64_t kFormat = 0x3130'5043'5047'5848;  // "HXGPCP01" as it lies in the file
constexpr off_t kSlotBytes = 64;
constexpr off_t kSecondSlot = 4096;
constexpr off_t kNotes = 8192;

struct Slot {
  std::uint64_t format, sequence, store, stamp, machine, unused[2], checksum;
};
static_assert(sizeof(Slot) == kSlotBytes);

struct Note {
  std::uint64_t turn, offset, store, checksum;
};

std::uint64_t checksumOf(const Note& note) {
  return checksum({reinterpret_cast<const char*>(&note), offsetof(Note, checksum)});
}

off_t offsetOfNote(std::uint32_t place) {
  return kNotes + static_cast<off_t>(place * sizeof(Note));
}

void writeNote(int fd, const Note& note, std::uint32_t place) {
  writeAll(fd, {reinterpret_cast<const char*>(&note), sizeof note}, kFile,
           static_cast<std::uint64_t>(offsetOfNote(place)));
}

std::uint64_t checksumOf(const Slot& slot) {
  return checksum({reinterpret_cast<const char*>(&slot), offsetof(Slot, checksum)});
}

std::string textOf(const CheckpointState& state) {
  Slot slot{kFormat, state.sequence, state.store, state.stamp, state.machine, {}, 0};
  slot.checksum = checksumOf(slot);
  return {reinterpret_cast<const char*>(&slot), sizeof slot};
}

// The file has one lock, for who reads in order to write.
class FileLock {
 public:
  explicit FileLock(int fd) : fd_(fd) {
    while (set(F_WRLCK) != 0)
      if (errno != EINTR) throwSystem("lock", kFile);
  }
  ~FileLock() { set(F_UNLCK); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int set(short type) const {
    struct flock whole {};
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    return ::fcntl(fd_, F_OFD_SETLKW, &whole);
  }

  const int fd_;
};

std::uint64_t randomNumber() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// A number for this run of the machine and this mount of the filesystem: another one when either
// has gone down since, or when the store is a copy.
std::uint64_t thisMachine(int directory) {
  std::string identity;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), identity);
  struct statx status {};
  constexpr unsigned kUniqueMount = 0x4000;  // STATX_MNT_ID_UNIQUE
  if (::statx(directory, ".hexpage", AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME | kUniqueMount,
              &status) != 0)
    throwSystem("stat", ".hexpage");
  const std::array<std::uint64_t, 6> numbers{status.stx_mnt_id,
                                             status.stx_ino,
                                             status.stx_dev_major,
                                             status.stx_dev_minor,
                                             static_cast<std::uint64_t>(status.stx_btime.tv_sec),
                                             status.stx_btime.tv_nsec};
  identity.append(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  return checksum(identity);
}

Fd openThere(int directory, int access) {
  auto file = openFile(directory, kFile, access, kFile);
  if (!file)
    throw Error(Code::Corrupt,
                kFile + ": missing, though there are journals that it belongs to. Put " +
                    "the file of a backup there, or move .hexpage/journals away to do " +
                    "without the commits that they hold");
  return std::move(file->fd);
}

}  // namespace

Checkpoint::Checkpoint(int directory, bool makesIt, const Modes& modes) : directory_(directory) {
  if (makesIt && ::faccessat(directory, kFile.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
    state_.sequence = 1;
    state_.store = randomNumber();
    replaceDurably(directory, kFile, textOf(state_), modes);
  }
  file_ = openThere(directory, O_RDWR);
  const FileLock lock(file_.get());
  loadWhole();
}

Checkpoint::Checkpoint(int directory, Fd file) : directory_(directory), file_(std::move(file)) {}

Checkpoint Checkpoint::read(int directory) {
  Checkpoint checkpoint(directory, openThere(directory, O_RDONLY));
  checkpoint.loadWhole();
  return checkpoint;
}

void Checkpoint::loadWhole() {
  if (!load())
    throw Error(Code::Corrupt, kFile + ": neither slot is whole, or of a newer format; what the " +
                                   "journals hold can not be told from what is in the files");
}

// Takes the newer of the slots that are whole. False when none is. Throws when one can not be read:
// it may be the newer.
bool Checkpoint::load() {
  bool found = false;
  for (const off_t at : {off_t{0}, kSecondSlot}) {
    const std::string bytes =
        readAt(file_.get(), static_cast<std::uint64_t>(at), kSlotBytes, kFile);
    if (bytes.size() != kSlotBytes) continue;
    Slot slot;
    std::memcpy(&slot, bytes.data(), sizeof slot);
    if (slot.format != kFormat || slot.checksum != checksumOf(slot)) continue;
    if (found && slot.sequence < state_.sequence) continue;
    state_ = {slot.sequence, slot.store, slot.stamp, slot.machine};
    found = true;
  }
  return found;
}

void Checkpoint::save() {
  ++state_.sequence;
  const std::string text = textOf(state_);
  const std::uint64_t at = state_.sequence % 2 ? 0 : kSecondSlot;
  writeAll(file_.get(), text, kFile, at);
  if (syncData(file_.get()) != 0) throwSystem("sync", kFile);
}

void Checkpoint::raise(std::uint64_t stamp) {
  const FileLock lock(file_.get());
  load();
  if (stamp <= state_.stamp) return;
  state_.stamp = stamp;
  save();
}

std::optional<std::uint64_t> Checkpoint::stampAfterCrash() const {
  const bool hasStayedUp = state_.machine != 0 && state_.machine == thisMachine(directory_);
  return hasStayedUp ? std::nullopt : std::optional(state_.stamp);
}

void Checkpoint::noteJournal(std::uint32_t place, LogPosition upTo) noexcept {
  Note note{upTo.turn, upTo.offset, state_.store, 0};
  note.checksum = checksumOf(note);
  try {
    writeNote(file_.get(), note, place);
  } catch (const std::exception&) {
  }
}

void Checkpoint::forgetJournal(std::uint32_t place) { writeNote(file_.get(), {}, place); }

void Checkpoint::sync() {
  if (syncData(file_.get()) != 0) throwSystem("sync", kFile);
}

std::optional<LogPosition> Checkpoint::journalNote(std::uint32_t place) const {
  Note note;
  const auto read = [&] { return ::pread(file_.get(), &note, sizeof note, offsetOfNote(place)); };
  if (uninterrupted(read) != sizeof note || note.store != state_.store ||
      note.checksum != checksumOf(note))
    return std::nullopt;
  return LogPosition{note.turn, note.offset};
}

void Checkpoint::noteMachine() {
  const FileLock lock(file_.get());
  load();
  state_.machine = thisMachine(directory_);
  save();
}

}  // namespace hexpage
