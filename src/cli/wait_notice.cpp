#include "src/cli/wait_notice.hpp"

#include <chrono>
#include <utility>

namespace hexpage::cli {
namespace {

constexpr std::chrono::seconds kMoment{1};

}  // namespace

WaitNotice::WaitNotice(std::function<std::string()> reason,
                       std::function<void(const std::string&)> say)
    : reason_(std::move(reason)), say_(std::move(say)), thread_([this] { waitAndSay(); }) {}

WaitNotice::~WaitNotice() {
  {
    std::lock_guard guard(mutex_);
    isOver_ = true;
  }
  over_.notify_one();
  thread_.join();
}

void WaitNotice::waitAndSay() {
  std::unique_lock guard(mutex_);
  if (!over_.wait_for(guard, kMoment, [this] { return isOver_; })) say_(reason_());
}

std::string openingReason(const std::string& directory) {
  return "still opening the store at " + directory +
         ": another process does so too, or what killed processes left is being written";
}

}  // namespace hexpage::cli
