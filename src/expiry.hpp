// When what is written expires: what the call says, and what the hash says.
//
// A hash's options may have, as the tables of Kamailio's htable:
//   autoexpire: seconds (also 0.5) that an item lives after it was written; 0, or without it: ever
//   updateexpire: whether writing to an item that is there starts its time anew; without it: yes
//     when there is an autoexpire
#pragma once

#include <hexpage/types.hpp>
#include <optional>
#include <string>

namespace hexpage {

struct Session;

class Expiry {
 public:
  // Of writes to the hash, or to one that they make with the options `create`. `ttl` is of the
  // call: 0 for what the hash says, kForever for never. Throws InvalidArgument for a negative one,
  // or options that make no sense. The caller holds the writer's lock.
  Expiry(Session& session, const std::string& path, const Json& create, Millis ttl);
  // Of writes to a hash with these options.
  Expiry(Session& session, const Json& options, Millis ttl);

  // Whether all that is put is never to expire, whatever is there.
  bool isNever() const {
    return ttl_ == kForever || (ttl_.count() == 0 && autoexpire_.count() == 0);
  }
  // Whether ofPut() looks at what is there.
  bool asksBefore() const { return ttl_.count() == 0 && autoexpire_.count() > 0 && !restarts_; }

  // Of an item that is put, in the place of a living one that expires at `before`, if any.
  Expires ofPut(std::optional<Expires> before) const;
  // Of an item that is changed, or made by a change.
  Expires ofEdit(std::optional<Expires> before) const;

 private:
  void read(const Json& options);
  Expires started() const;

  Session& session_;
  Millis ttl_;
  Millis autoexpire_{0};
  bool restarts_ = false;  // on every write
};

// When what is to live `ttl` from now expires. Throws InvalidArgument unless that is above 0.
Expires expiresIn(const Session& session, Millis ttl);

template <class Stored>  // a Value or an ItemSeen
std::optional<Expires> expiresOf(const std::optional<Stored>& value) {
  return value ? std::optional(value->expires) : std::nullopt;
}

// What is left of the time of an item; nullopt when it never expires.
std::optional<Millis> timeLeft(Expires expires, Expires now);

// Whether a hash with these options says when its items expire.
bool givesTimes(const Json& options);

// Throws InvalidArgument, which names the option, when one of those above makes no sense.
void checkExpiryOptions(const Json& options);

}  // namespace hexpage
