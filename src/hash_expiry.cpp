// The calls about when items expire.
#include <hexpage/error.hpp>
#include <hexpage/hashes.hpp>

#include "expiry.hpp"
#include "session.hpp"
#include "sweep.hpp"

namespace hexpage {

void Hashes::hashExpire(std::string_view path, std::string_view key, Millis ttl) {
  setExpires(path, key, expiresIn(session(), ttl));
}

void Hashes::hashPersist(std::string_view path, std::string_view key) { setExpires(path, key, 0); }

void Hashes::setExpires(std::string_view named, std::string_view key, Expires expires) {
  const std::string path = session().path(named);
  auto held = session().lockForWriting({path});
  Value value = valueOf(path, key);
  Batch batch;
  batch.add(Put{path, std::string(key), std::move(value.text), expires});
  if (value.expires != expires) session().apply(batch, held);
}

std::optional<Millis> Hashes::hashTimeToLive(std::string_view named, std::string_view key) {
  const Value value = valueOf(session().path(named), key);
  return timeLeft(value.expires, session().backend->now());
}

std::size_t Hashes::hashSweep(std::string_view named) {
  Sweep sweep(session(), session().path(named), session().lockTimeout);
  std::size_t removed = 0;
  while (!sweep.isOver()) removed += sweep.step();
  return removed;
}

}  // namespace hexpage
