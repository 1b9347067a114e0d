#include "sweeper.hpp"

#include <chrono>
#include <exception>
#include <hexpage/error.hpp>

#include "session.hpp"
#include "sweep.hpp"

namespace hexpage {
namespace {

using Time = std::chrono::steady_clock;

constexpr Millis kWork{1};
constexpr Millis kRest{4};
constexpr Millis kLockTimeout{100};

}  // namespace

Sweeper::Sweeper(Session& session, Millis interval)
    : session_(session), thread_(Time::now() + interval, [this, interval] {
        sweepAll();
        return Time::now() + interval;
      }) {}

std::string Sweeper::problem() const {
  std::lock_guard lock(mutex_);
  return problem_;
}

void Sweeper::sweepAll() {
  std::string problem;
  PathChunk chunk;
  try {
    do {
      chunk = session_.backend->paths("", chunk.next);
      for (const PathEntry& entry : chunk.entries) {
        if (thread_.isEnding()) return;
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
    if (!thread_.rest(kRest)) return;
    begin = Time::now();
  }
}

}  // namespace hexpage
