#include "filesystem/reader_lock.hpp"

#include <hexpage/error.hpp>
#include <thread>
#include <utility>

#include "support/at_end.hpp"
#include "support/lock_bytes.hpp"

namespace hexpage {
namespace {

constexpr Millis kPoll{5};

using Clock = std::chrono::steady_clock;

void enterGate(LockFile& file, Clock::time_point deadline) {
  while (!file.tryLock(lockbytes::kGate, LockMode::Shared)) {
    if (Clock::now() > deadline)
      throw Error(Code::LockTimeout,
                  "lock timeout: another process is opening the store and recovers it");
    std::this_thread::sleep_for(kPoll);
  }
}

// Nobody of us is in the way: who locks this byte exclusively does so within the gate.
void showReading(LockFile& file, Clock::time_point deadline) {
  while (!file.tryLock(lockbytes::kReaders, LockMode::Shared)) {
    if (Clock::now() > deadline)
      throw Error(Code::Io, "lock: another program has locked the store's lock file");
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
    const auto deadline = Clock::now() + timeout;
    enterGate(*file, deadline);
    const AtEnd leave([&] { file->unlock(lockbytes::kGate); });
    if (file->isTaken(lockbytes::kOpen)) return nullptr;
    showReading(*file, deadline);
  }
  return std::unique_ptr<ReaderLock>(new ReaderLock(std::move(file)));
}

}  // namespace hexpage
