// An open file that closes itself.
#pragma once

#include <string>
#include <utility>

namespace hexpage::cli {

class Descriptor {
 public:
  explicit Descriptor(int number, bool isOwned = true) : number_(number), isOwned_(isOwned) {}
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)), isOwned_(other.isOwned_) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int get() const { return number_; }

 private:
  int number_;
  bool isOwned_;
};

// "-" is standard input. A file that can not be opened is InvalidArgument: the command names it.
Descriptor openInput(const std::string& file);

}  // namespace hexpage::cli
