// LOCK and UNLOCK: locks of items, which this pipe holds from line to line.
#include <hexpage/error.hpp>

#include "src/cli/pipe.hpp"
#include "src/cli/pipe_piece.hpp"

namespace hexpage::cli {
namespace {

// The name under which the store keeps the lock; "" when somebody else has it.
std::string nameOfLock(Storage& storage, const std::string& hash, const std::string& key) {
  try {
    return storage.lockItem(hash, key, Millis(0)).name();
  } catch (const Error& error) {
    if (error.code() != Code::LockTimeout) throw;
    return "";
  }
}

}  // namespace

std::string Pipe::lock(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  std::optional<Millis> timeout;
  if (!line.isOver()) timeout = timeToLive(line.token());
  line.end();
  Lock taken = storage_.lockItem(hash, name, timeout);
  std::string full = taken.name();
  const auto held = locks_.emplace(std::move(full), std::move(taken));
  return ok(locks_.count(held->first));
}

std::string Pipe::unlock(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  line.end();
  const std::string full = nameOfLock(storage_, hash, name);
  const auto held = locks_.find(full);
  if (held == locks_.end())
    throw Refusal("BADREQ", "the lock of " + name + " in " + hash + " is not held here");
  locks_.erase(held);
  return ok(locks_.count(full));
}

}  // namespace hexpage::cli
