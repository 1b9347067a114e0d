#include "src/cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

#include "src/cli/figures.hpp"

namespace hexpage::cli {
namespace {

constexpr std::chrono::milliseconds kRedrawInterval{100};
constexpr std::size_t kBarColumns = 24;

std::string timeLeft(double part, std::chrono::duration<double> elapsed) {
  if (part <= 0) return {};
  return ", " + durationText(elapsed * ((1 - part) / part)) + " left";
}

}  // namespace

Progress::Progress(const Terminal& terminal, std::uint64_t total, Unit unit)
    : terminal_(terminal), total_(total), unit_(unit) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (isShown_) std::cerr << "\r\x1b[K" << std::flush;
  isShown_ = false;
}

void Progress::show(std::uint64_t done, std::uint64_t count) {
  if (!terminal_.isTerminal) return;
  const auto now = Clock::now();
  if (isShown_ && now - drawn_ < kRedrawInterval) return;
  isShown_ = true;
  drawn_ = now;
  draw(done, count);
}

std::chrono::duration<double> Progress::elapsed() const { return Clock::now() - start_; }

void Progress::draw(std::uint64_t done, std::uint64_t count) {
  std::string line;
  double part = 0;
  if (total_ > 0) {
    part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    const auto percent = std::to_string(std::lround(part * 100));
    line = bar(part, kBarColumns) + " " +
           std::string(3 - std::min<std::size_t>(3, percent.size()), ' ') + percent + "%  ";
  }
  line += amountText(count) + timeLeft(part, elapsed());
  std::cerr << "\r" << line << "\x1b[K" << std::flush;
}

// "12 items, 30 items/s"
std::string Progress::amountText(std::uint64_t count) const {
  if (unit_ == Unit::Items) return counted(count, "item") + ", " + rateText(count, elapsed());
  const double rate = static_cast<double>(count) / std::max(elapsed().count(), 0.001);
  return bytesText(count) + ", " + bytesText(static_cast<std::uint64_t>(rate)) + "/s";
}

std::string Progress::bar(double part, std::size_t columns) const {
  const auto filled = static_cast<std::size_t>(std::lround(part * static_cast<double>(columns)));
  std::string out;
  for (std::size_t i = 0; i < columns; ++i) {
    if (terminal_.hasUnicode)
      out += i < filled ? "█" : "░";
    else
      out += i < filled ? "#" : ".";
  }
  return terminal_.hasUnicode ? terminal_.green(out) : "[" + out + "]";
}

std::string rateText(std::uint64_t items, std::chrono::duration<double> elapsed) {
  const double seconds = std::max(elapsed.count(), 0.001);
  return grouped(static_cast<std::uint64_t>(std::llround(static_cast<double>(items) / seconds))) +
         " items/s";
}

}  // namespace hexpage::cli
