#include "filesystem/reader_lock.hpp"

#include <hexpage/error.hpp>
#include <thread>
#include <utility>

#include "support/at_end.hpp"
#include "support/lock_bytes.hpp"

namespace hexpage {
namespace {

constexpr Millis kPoll{5};

void enterGate(LockFile& file, Millis timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!file.tryLock(lockbytes::kGate, LockMode::Shared)) {
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(Code::LockTimeout,
                  "lock timeout: another process is opening the store and recovers it");
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace

ReaderLock::ReaderLock(std::optional<LockFile> file)
    : file_(std::move(file)), watch_([this] {
        if (file_) file_->close();
      }) {}

std::unique_ptr<ReaderLock> ReaderLock::take(int directory, Millis timeout) {
  std::optional<LockFile> file;
  if (directory >= 0) file = LockFile::openToRead(directory, "lock", ".hexpage/lock");
  if (file) {
    enterGate(*file, timeout);
    const AtEnd leave([&] { file->unlock(lockbytes::kGate); });
    if (file->isTaken(lockbytes::kOpen)) return nullptr;
    // Nobody is in the way: who locks this byte exclusively does so within the gate.
    if (!file->tryLock(lockbytes::kReaders, LockMode::Shared))
      throw Error(Code::Io, "lock: another program has locked the store's lock file");
  }
  return std::unique_ptr<ReaderLock>(new ReaderLock(std::move(file)));
}

}  // namespace hexpage
