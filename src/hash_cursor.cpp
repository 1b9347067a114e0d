#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/hash_cursor.hpp>
#include <hexpage/hashes.hpp>
#include <hexpage/json_text.hpp>
#include <utility>

#include "document.hpp"
#include "expiry.hpp"
#include "matcher.hpp"
#include "session.hpp"

// A position is the text of ["cursor of the scan", [keys that came]], or [] at the end. The keys
// are told one by one, because another scan from that cursor may give them in another order, and
// more or fewer items than the first.

namespace hexpage {
namespace {

[[noreturn]] void refusePosition(std::string_view position) {
  throw Error(Code::InvalidArgument,
              "no position of a cursor: " + std::string(position.substr(0, 100)));
}

// Throws unless it is what HashCursor::position() gives.
Json parsedPosition(std::string_view position) {
  Json parts;
  try {
    parts = parseJson(position);
  } catch (const Error&) {
    refusePosition(position);
  }
  const bool isArray = parts.is_array() && (parts.empty() || parts.size() == 2);
  if (!isArray) refusePosition(position);
  if (parts.empty()) return parts;
  const auto isText = [](const Json& part) { return part.is_string(); };
  if (!isText(parts[0]) || !parts[1].is_array() ||
      !std::all_of(parts[1].begin(), parts[1].end(), isText))
    refusePosition(position);
  return parts;
}

}  // namespace

HashCursor Hashes::hashCursor(std::string_view path, std::string_view position) {
  return {session_, session().path(path), position, nullptr};
}

HashCursor Hashes::hashCursor(std::string_view path, const Match& match,
                              std::string_view position) {
  return {session_, session().path(path), position, std::make_shared<const Matcher>(match)};
}

HashCursor::HashCursor(std::shared_ptr<Session> session, std::string path,
                       std::string_view position, std::shared_ptr<const Matcher> matcher)
    : session_(std::move(session)), path_(std::move(path)), matcher_(std::move(matcher)) {
  if (position.empty()) return;
  const Json parts = parsedPosition(position);
  isAtEnd_ = parts.empty();
  if (isAtEnd_) return;
  from_ = parts[0].get<std::string>();
  for (const Json& key : parts[1]) skipped_.insert(key.get<std::string>());
}

bool HashCursor::next() {
  session_->path(path_);  // a transaction that is over refuses it
  isOnItem_ = false;
  while (!isAtEnd_ && !isOnItem_) {
    if (index_ == chunk_.items.size()) {
      fetch();
      continue;
    }
    item_.key = std::move(chunk_.items[index_++].key);
    const std::string_view key = item_.key;
    auto value = std::move(session_->backend->get(path_, {&key, 1}).front());
    if (!value) continue;
    item_.text = std::move(value->text);
    item_.expires = value->expires;
    isOnItem_ = !matcher_ || matcher_->accepts(item_.key, item_.text);
  }
  if (isOnItem_) done_.push_back(item_.key);
  return isOnItem_;
}

// The first chunk, or the one behind chunk_, without what came already.
void HashCursor::fetch() {
  if (isFetched_ && chunk_.next.empty()) {
    isAtEnd_ = true;
    return;
  }
  if (isFetched_) from_ = chunk_.next;
  chunk_ = session_->backend->scan(path_, from_);
  isFetched_ = true;
  index_ = 0;
  done_.clear();
  std::erase_if(chunk_.items, [&](Item& item) {
    const auto skipped = skipped_.find(item.key);
    if (skipped == skipped_.end()) return false;
    skipped_.erase(skipped);
    done_.push_back(std::move(item.key));
    return true;
  });
}

const Item& HashCursor::current() const {
  if (isOnItem_) return item_;
  throw Error(Code::InvalidArgument, "the cursor of " + path_ + " stands on no item");
}

const std::string& HashCursor::key() const { return current().key; }

const std::string& HashCursor::text() const { return current().text; }

Json HashCursor::value() const { return parseStored(current().text); }

bool HashCursor::set(const Json& value) { return replace(toText(value)); }

bool HashCursor::setText(std::string_view json) {
  validateDocument(json);
  return replace(std::string(json));
}

bool HashCursor::replace(std::string text) {
  const std::string_view key = current().key;
  session_->path(path_);
  const auto held = session_->lockForWriting({path_});
  const auto before = std::move(session_->backend->get(path_, {&key, 1}).front());
  if (!before) return false;
  const Expires expires =
      Expiry(*session_, path_, Json::object(), Millis(0)).ofEdit(before->expires);
  return store(std::move(text), expires);
}

bool HashCursor::expire(Millis ttl) { return setExpires(expiresIn(*session_, ttl)); }

bool HashCursor::persist() { return setExpires(0); }

std::optional<Millis> HashCursor::timeToLive() const {
  return timeLeft(current().expires, session_->backend->now());
}

bool HashCursor::setExpires(Expires expires) {
  const std::string_view key = current().key;
  session_->path(path_);
  const auto held = session_->lockForWriting({path_});
  auto before = std::move(session_->backend->get(path_, {&key, 1}).front());
  return before && store(std::move(before->text), expires);
}

// The caller holds the writer's lock.
bool HashCursor::store(std::string text, Expires expires) {
  Batch batch;
  batch.add(Put{path_, item_.key, text, expires});
  session_->apply(batch);
  item_.text = std::move(text);
  item_.expires = expires;
  return true;
}

bool HashCursor::erase() {
  const std::string_view key = current().key;
  Batch batch;
  batch.add(Remove{path_, item_.key});
  session_->path(path_);
  const auto held = session_->lockForWriting({path_});
  const bool isThere = session_->backend->get(path_, {&key, 1}).front().has_value();
  if (isThere) session_->apply(batch);
  isOnItem_ = false;
  done_.pop_back();
  return isThere;
}

std::string HashCursor::position() const {
  if (isAtEnd_) return "[]";
  Json keys = Json::array();
  for (const std::string& key : done_) keys.push_back(key);
  for (const std::string& key : skipped_) keys.push_back(key);
  return toText(Json::array({from_, std::move(keys)}));
}

}  // namespace hexpage
