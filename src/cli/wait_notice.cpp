#include "src/cli/wait_notice.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <utility>

namespace hexpage::cli {
namespace {

constexpr std::chrono::seconds kMoment{1};

std::string firstLine(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// " (hexpage)", or nothing when there is no such process.
std::string nameOf(const std::string& process) {
  const std::string name = firstLine("/proc/" + process + "/comm");
  return name.empty() ? name : " (" + name + ")";
}

bool isNumber(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

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

// Whoever has a store open writes its number into the lock file.
std::string openingReason(const std::string& directory) {
  const std::string waiting = "waiting for the store at " + directory;
  const std::string process = firstLine(directory + "/.hexpage/lock");
  if (!isNumber(process) || process == std::to_string(::getpid())) return waiting;
  const std::string name = nameOf(process);
  if (name.empty()) return waiting;
  return waiting + ", which process " + process + name + " has open";
}

}  // namespace hexpage::cli
