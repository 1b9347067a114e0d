// Removes what has expired, in all hashes of a store, at intervals: a thread of its own that works
// for at most a millisecond at a time and rests four times as long.
#pragma once

#include <condition_variable>
#include <hexpage/types.hpp>
#include <mutex>
#include <string>
#include <thread>

namespace hexpage {

struct Session;

class Sweeper {
 public:
  // `session` must outlive it.
  Sweeper(Session& session, Millis interval);
  ~Sweeper();

  // Why the last sweep of a hash failed; "" when it did not. A hash whose writer's lock does not
  // come soon is left for the next time, and that is no failure.
  std::string problem() const;

 private:
  void run();
  void sweepAll();
  void sweep(const std::string& path);
  // False when it is time to stop.
  bool rest(Millis time);
  bool isStopping() const;

  Session& session_;
  const Millis interval_;
  mutable std::mutex mutex_;
  std::condition_variable isOver_;
  bool isStopping_ = false;
  std::string problem_;
  std::thread thread_;
};

}  // namespace hexpage
