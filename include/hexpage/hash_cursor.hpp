// Walks over a hash and changes what it stands on.
#pragma once

#include <cstddef>
#include <functional>
#include <hexpage/types.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

struct Session;
class Matcher;

// Holds no lock between its calls; any number may be under way. Each item that is there throughout
// comes exactly once, in no promised order, whatever is written meanwhile, by the cursor too. The
// Storage must outlive it; one thread at a time. Throws as the calls of Hashes do.
class HashCursor {
 public:
  // Moves to the next item, as it is now; false at the end, and from then on.
  bool next();

  // The item it stands on, as it was when next() came there or as the cursor set it. Throws
  // InvalidArgument before the first and after the last one.
  const std::string& key() const;
  const std::string& text() const;
  Json value() const;

  // Replaces or removes the item it stands on. False, with nothing done, when somebody else has
  // removed it meanwhile. After erase() it stands on none until next(); an item that is removed and
  // stored again may come again.
  bool set(const Json& value);
  bool setText(std::string_view json);
  bool erase();

  // Lets the item it stands on expire in `ttl` from now, above 0, or never; and what is left of its
  // time: nullopt when it never expires, 0 when its time has come meanwhile.
  bool expire(Millis ttl);
  bool persist();
  std::optional<Millis> timeToLive() const;

  // Where it stands, as text from which Hashes::hashCursor goes on behind this item, in this
  // process or another. As long as the keys of a page at most.
  std::string position() const;

 private:
  friend class Hashes;
  HashCursor(std::shared_ptr<Session> session, std::string path, std::string_view position,
             std::shared_ptr<const Matcher> matcher);

  void fetch();
  const Item& current() const;
  bool replace(std::string text);
  bool setExpires(Expires expires);
  bool store(std::string text, Expires expires);

  std::shared_ptr<Session> session_;
  std::string path_;
  std::shared_ptr<const Matcher> matcher_;  // null for every item
  std::string from_;                        // the cursor of the scan that gives chunk_
  Chunk chunk_;
  bool isFetched_ = false;         // else chunk_ is yet to come
  std::size_t index_ = 0;          // of the next item in chunk_
  std::vector<std::string> done_;  // keys of chunk_ that came already, and are still there
  std::set<std::string, std::less<>> skipped_;  // keys that came already and may come again
  Item item_;
  bool isOnItem_ = false;
  bool isAtEnd_ = false;
};

}  // namespace hexpage
