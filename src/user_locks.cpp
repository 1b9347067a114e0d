// Locks of the user's own.
#include <hexpage/storage.hpp>

#include <simdjson.h>

#include <algorithm>
#include <hexpage/error.hpp>

#include "session.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kMaxName = 1024;
constexpr std::string_view kItem = "item:";  // begins the names of items' locks

void checkName(std::string_view name) {
  const auto refuse = [](const std::string& why) {
    throw Error(Code::InvalidArgument, "the name of a lock " + why);
  };
  if (name.empty()) refuse("must not be empty");
  if (name.size() > kMaxName) refuse("has at most " + std::to_string(kMaxName) + " bytes");
  if (!simdjson::validate_utf8(name.data(), name.size())) refuse("must be UTF-8");
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    refuse("must not have control characters");
  if (name.starts_with(kItem)) refuse("must not begin with item: as those of lockItem do");
}

}  // namespace

Lock Storage::lock(std::string_view name, LockMode mode, std::optional<Millis> timeout) {
  checkName(name);
  return {std::string(name),
          session().backend->locks().acquire(LockSpace::User, name, mode,
                                             timeout.value_or(session().lockTimeout))};
}

std::optional<Lock> Storage::tryLock(std::string_view name, LockMode mode) {
  try {
    return lock(name, mode, Millis{0});
  } catch (const Error& e) {
    if (e.code() != Code::LockTimeout) throw;
    return std::nullopt;
  }
}

Lock Storage::lockItem(std::string_view path, std::string_view key, std::optional<Millis> timeout) {
  checkKey(key);
  std::string name(kItem);
  name.append(session().path(path)).append(":").append(key);
  Hold hold = session().itemLocks.acquire(session().backend->locks(), name,
                                          timeout.value_or(session().lockTimeout));
  return {std::move(name), std::move(hold)};
}

}  // namespace hexpage
