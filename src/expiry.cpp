#include "expiry.hpp"

#include <algorithm>
#include <cmath>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <limits>
#include <string_view>

#include "session.hpp"

namespace hexpage {
namespace {

constexpr double kMaxSeconds = 1e12;
constexpr std::string_view kAutoexpire = "autoexpire", kUpdateexpire = "updateexpire";

[[noreturn]] void refuse(const char* option, const Json& value, const char* what) {
  throw Error(Code::InvalidArgument, std::string("the option ") + option + " of a hash must be " +
                                         what + ", not " + toText(value));
}

Millis autoexpireOf(const Json& value) {
  const double seconds = value.is_number() ? value.get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kMaxSeconds))
    refuse("autoexpire", value, "a number of seconds from 0 on");
  return Millis(std::llround(seconds * 1000));
}

bool updateexpireOf(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (!value.is_number_integer()) refuse("updateexpire", value, "true or false (or 1 or 0)");
  return value != 0;
}

struct ExpiryOptions {
  Millis autoexpire{0};
  std::optional<bool> updateexpire;
};

ExpiryOptions expiryOptionsOf(const Json& options) {
  ExpiryOptions found;
  if (!options.is_object()) return found;
  for (const auto& [name, value] : options.get_ref<const Json::object_t&>()) {
    if (name == kAutoexpire) found.autoexpire = autoexpireOf(value);
    if (name == kUpdateexpire) found.updateexpire = updateexpireOf(value);
  }
  return found;
}

// What lies beyond all time never comes.
Expires after(Millis ttl, Expires now) {
  if (ttl.count() > std::numeric_limits<Expires>::max() - now) return 0;
  return now + ttl.count();
}

}  // namespace

Expires expiresIn(const Session& session, Millis ttl) {
  if (ttl.count() <= 0)
    throw Error(Code::InvalidArgument,
                "a time to live must be above 0, not " + std::to_string(ttl.count()) + " ms");
  return after(ttl, session.backend->now());
}

std::optional<Millis> timeLeft(Expires expires, Expires now) {
  if (expires == 0) return std::nullopt;
  return Millis(std::max<Expires>(expires - now, 0));
}

bool givesTimes(const Json& options) {
  if (!options.is_object()) return false;
  for (const auto& [name, value] : options.get_ref<const Json::object_t&>())
    if (name == kAutoexpire || name == kUpdateexpire) return true;
  return false;
}

void checkExpiryOptions(const Json& options) { expiryOptionsOf(options); }

Expiry::Expiry(Session& session, const std::string& path, const Json& create, Millis ttl)
    : session_(session), ttl_(ttl) {
  const auto stored = session.backend->options(path);
  read(stored ? *stored : create);
}

Expiry::Expiry(Session& session, const Json& options, Millis ttl) : session_(session), ttl_(ttl) {
  read(options);
}

void Expiry::read(const Json& options) {
  if (ttl_.count() < 0)
    throw Error(Code::InvalidArgument,
                "a time to live must not be negative: " + std::to_string(ttl_.count()) + " ms");
  const ExpiryOptions found = expiryOptionsOf(options);
  autoexpire_ = found.autoexpire;
  restarts_ = found.updateexpire.value_or(autoexpire_.count() > 0);
}

Expires Expiry::started() const {
  if (isNever()) return 0;
  return after(ttl_.count() > 0 ? ttl_ : autoexpire_, session_.backend->now());
}

Expires Expiry::ofPut(std::optional<Expires> before) const {
  return asksBefore() && before ? *before : started();
}

Expires Expiry::ofEdit(std::optional<Expires> before) const {
  if (!before) return started();
  const bool hasNewTime = ttl_.count() > 0 || autoexpire_.count() > 0;
  return restarts_ && hasNewTime ? started() : *before;
}

}  // namespace hexpage
