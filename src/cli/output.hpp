// What the program writes for programs. Buffered; a write that fails throws Error{Io}, so that a
// closed pipe (BrokenPipe) or a full disk never passes for success. The destructor does not flush:
// who is done calls flush() and hears about it.
#pragma once

#include <hexpage/error.hpp>
#include <string>
#include <string_view>

namespace hexpage::cli {

// Nobody reads any more, as behind `| head`: that is the reader's choice, so no complaint is due.
class BrokenPipe : public Error {
  using Error::Error;
};

class Output {
 public:
  // `name` is for messages. The descriptor stays the caller's.
  Output(int descriptor, std::string name);

  void write(std::string_view text);
  void line(std::string_view text);
  void flush();
  // Throws BrokenPipe when nobody reads any more, for who has nothing to write for long.
  void requireReader() const;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  std::string name_;
  std::string pending_;
};

}  // namespace hexpage::cli
