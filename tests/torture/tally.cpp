#include "tally.hpp"

#include <algorithm>
#include <iostream>

namespace hexpage::torture {

bool Tally::goesOn() const {
  if (printed_ >= 20 || (options_.most != 0 && points_ >= options_.most)) return false;
  return std::chrono::steady_clock::now() - begin_ < options_.seconds;
}

void Tally::longest(const std::string& what, std::chrono::milliseconds took) {
  auto& longest = longest_[what];
  longest = std::max(longest, took);
}

void Tally::failure(const std::string& kind, const std::string& what, const std::string& again) {
  ++failures_;
  if (++kinds_[kind] > 2) return;
  ++printed_;
  std::cout << "FAILED: " << what << "\n  again: " << again << std::endl;
}

int Tally::finish() const {
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_);
  std::cout << options_.mode << " " << options_.backend << " " << options_.durability
            << (options_.isOneFile ? " one-file" : "") << ": " << points_ << " points in "
            << took.count() << " s";
  for (const auto& [what, n] : counts_) std::cout << ", " << n << " " << what;
  for (const auto& [what, ms] : longest_) std::cout << ", " << what << " " << ms.count() << " ms";
  for (const auto& [kind, n] : kinds_)
    if (n > 2) std::cout << "\n  " << n << " times: " << kind;
  std::cout << "; " << failures_ << " failures; seed " << options_.seed << std::endl;
  if (points_ == 0) std::cout << "nothing was tried" << std::endl;
  return failures_ == 0 && points_ != 0 ? 0 : 1;
}

}  // namespace hexpage::torture
