#include "expiry.hpp"

#include <algorithm>
#include <cmath>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <limits>

#include "session.hpp"

namespace hexpage {
namespace {

constexpr double kMaxSeconds = 1e12;

[[noreturn]] void refuse(const char* option, const Json& value, const char* what) {
  throw Error(Code::InvalidArgument, std::string("the option ") + option + " of a hash must be " +
                                         what + ", not " + toText(value));
}

Millis autoexpireOf(const Json& options) {
  const auto found = options.find("autoexpire");
  if (found == options.end()) return Millis(0);
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (!(seconds >= 0 && seconds <= kMaxSeconds))
    refuse("autoexpire", *found, "a number of seconds from 0 on");
  return Millis(std::llround(seconds * 1000));
}

std::optional<bool> updateexpireOf(const Json& options) {
  const auto found = options.find("updateexpire");
  if (found == options.end()) return std::nullopt;
  if (found->is_boolean()) return found->get<bool>();
  if (!found->is_number_integer()) refuse("updateexpire", *found, "true or false (or 1 or 0)");
  return *found != 0;
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

void checkExpiryOptions(const Json& options) {
  autoexpireOf(options);
  updateexpireOf(options);
}

Expiry::Expiry(Session& session, const std::string& path, const Json& create, Millis ttl)
    : session_(session), ttl_(ttl) {
  if (ttl_.count() < 0)
    throw Error(Code::InvalidArgument,
                "a time to live must not be negative: " + std::to_string(ttl_.count()) + " ms");
  const auto stored = session.backend->options(path);
  const Json& options = stored ? *stored : create;
  if (!options.is_object()) return;
  autoexpire_ = autoexpireOf(options);
  restarts_ = updateexpireOf(options).value_or(autoexpire_.count() > 0);
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
