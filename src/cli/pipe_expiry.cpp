// The words of the pipe for when documents expire.
#include <hexpage/json_text.hpp>

#include "src/cli/pipe.hpp"
#include "src/cli/pipe_piece.hpp"

namespace hexpage::cli {
namespace {

// 1, or 0 when the item is not there.
template <class Call>
std::string oneIfThere(Call call) {
  try {
    call();
    return ok(1);
  } catch (const Error& error) {
    if (error.code() != Code::NoSuchKey) throw;
    return ok(0);
  }
}

}  // namespace

std::string Pipe::putFor(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const Millis ttl = timeToLive(line.token());
  hashes().hashPutText(hash, name, line.document(), {.ttl = ttl});
  return ok(1);
}

std::string Pipe::expire(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const Millis ttl = timeToLive(line.token());
  line.end();
  return oneIfThere([&] { hashes().hashExpire(hash, name, ttl); });
}

std::string Pipe::persist(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  line.end();
  return oneIfThere([&] { hashes().hashPersist(hash, name); });
}

std::string Pipe::timeLeft(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  line.end();
  try {
    const auto left = hashes().hashTimeToLive(hash, name);
    return ok(left ? std::to_string(left->count()) : "null");
  } catch (const Error& error) {
    if (error.code() != Code::NoSuchKey) throw;
    return "NIL";
  }
}

std::string Pipe::sweep(PipeLine& line) {
  const std::string hash = line.text();
  line.end();
  return ok(hashes().hashSweep(hash));
}

}  // namespace hexpage::cli
