// Removes the items of a hash whose time has come, a few at a time.
#pragma once

#include <hexpage/types.hpp>
#include <string>

namespace hexpage {

struct Session;

class Sweep {
 public:
  // Waits for the writer's lock at most so long in each step.
  Sweep(Session& session, std::string path, Millis lockTimeout)
      : session_(session), path_(std::move(path)), lockTimeout_(lockTimeout) {}

  bool isOver() const { return isOver_; }

  // Looks at the next chunk of what has expired and says how many items it removed. What was put
  // anew between the look and the lock stays. Throws LockTimeout.
  std::size_t step();

 private:
  std::size_t remove(const Chunk& chunk, Expires now);

  Session& session_;
  const std::string path_;
  const Millis lockTimeout_;
  std::string cursor_;
  bool isOver_ = false;
};

// How many items of the hash have not expired.
std::uint64_t livingItems(Session& session, const std::string& path);

}  // namespace hexpage
