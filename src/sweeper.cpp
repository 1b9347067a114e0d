#include "sweeper.hpp"

#include <chrono>
#include <exception>
#include <hexpage/error.hpp>

#include "session.hpp"
#include "support/quiet_thread.hpp"
#include "sweep.hpp"

namespace hexpage {
namespace {

using Time = std::chrono::steady_clock;

constexpr Millis kWork{1};
constexpr Millis kRest{4};
constexpr Millis kLockTimeout{100};

}  // namespace

Sweeper::Sweeper(Session& session, Millis interval) : session_(session), interval_(interval) {
  thread_ = quietThread([this] { run(); });
}

Sweeper::~Sweeper() {
  {
    std::lock_guard lock(mutex_);
    isStopping_ = true;
  }
  isOver_.notify_all();
  thread_.join();
}

std::string Sweeper::problem() const {
  std::lock_guard lock(mutex_);
  return problem_;
}

void Sweeper::run() {
  while (rest(interval_)) sweepAll();
}

bool Sweeper::rest(Millis time) {
  std::unique_lock lock(mutex_);
  return !isOver_.wait_for(lock, time, [this] { return isStopping_; });
}

bool Sweeper::isStopping() const {
  std::lock_guard lock(mutex_);
  return isStopping_;
}

void Sweeper::sweepAll() {
  std::string problem;
  PathChunk chunk;
  try {
    do {
      chunk = session_.backend->paths("", chunk.next);
      for (const PathEntry& entry : chunk.entries) {
        if (isStopping()) return;
        if (!entry.isHash) continue;
        try {
          sweep(entry.path);
        } catch (const Error& error) {
          if (error.code() != Code::LockTimeout) problem = entry.path + ": " + error.what();
        }
      }
    } while (!chunk.next.empty());
  } catch (const std::exception& error) {
    problem = error.what();
  }
  std::lock_guard lock(mutex_);
  problem_ = std::move(problem);
}

void Sweeper::sweep(const std::string& path) {
  Sweep sweep(session_, path, kLockTimeout);
  auto begin = Time::now();
  while (!sweep.isOver()) {
    sweep.step();
    if (Time::now() - begin < kWork) continue;
    if (!rest(kRest)) return;
    begin = Time::now();
  }
}

}  // namespace hexpage
