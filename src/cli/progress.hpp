// How far a long command is: a bar with rate and time left, redrawn in place, for people at a
// terminal only. Elsewhere it does nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "src/cli/terminal.hpp"

namespace hexpage::cli {

class Progress {
 public:
  enum class Unit { Items, Bytes };  // what show()'s second figure and the rate count

  // `total` is in the same unit as show()'s `done`; 0 when it is not known.
  Progress(const Terminal& terminal, std::uint64_t total, Unit unit = Unit::Items);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Redraws at most ten times a second.
  void show(std::uint64_t done, std::uint64_t count);
  // Takes the bar away, so that what is said next stands alone. The destructor does so too.
  void clear();

  std::chrono::duration<double> elapsed() const;

 private:
  void draw(std::uint64_t done, std::uint64_t count);
  std::string amountText(std::uint64_t count) const;
  std::string bar(double part, std::size_t columns) const;

  using Clock = std::chrono::steady_clock;
  Terminal terminal_;
  std::uint64_t total_;
  Unit unit_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_;
  bool isShown_ = false;
};

// "1,234 items/s"
std::string rateText(std::uint64_t items, std::chrono::duration<double> elapsed);

}  // namespace hexpage::cli
