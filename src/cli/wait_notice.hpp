// Says on stderr what the program waits for, once that takes longer than a moment: nobody is to
// take a wait for a hang.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace hexpage::cli {

class WaitNotice {
 public:
  // Should this still exist after a second, say(reason()) is called, in another thread.
  WaitNotice(std::function<std::string()> reason, std::function<void(const std::string&)> say);
  ~WaitNotice();
  WaitNotice(const WaitNotice&) = delete;
  WaitNotice& operator=(const WaitNotice&) = delete;

 private:
  void waitAndSay();

  std::function<std::string()> reason_;
  std::function<void(const std::string&)> say_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool isOver_ = false;
  std::thread thread_;  // last: it uses the others
};

// What keeps a store from opening: who opens it first recovers it, and the others wait.
std::string openingReason(const std::string& directory);

}  // namespace hexpage::cli
