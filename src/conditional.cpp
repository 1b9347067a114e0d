// Writes that depend on what is there: decided and done under the writer's lock.
#include <hexpage/error.hpp>
#include <hexpage/hashes.hpp>
#include <hexpage/json_text.hpp>

#include "document.hpp"
#include "expiry.hpp"
#include "hash_options.hpp"
#include "held_here.hpp"
#include "same_json.hpp"
#include "session.hpp"
#include "single_item.hpp"

namespace hexpage {
namespace {

// The caller holds the writer's lock.
std::optional<Value> current(Session& session, const std::string& path, std::string_view key) {
  return std::move(session.backend->get(path, {&key, 1}).front());
}

std::optional<Json> documentOf(const std::string& path, std::string_view key,
                               const std::optional<Value>& value) {
  if (!value) return std::nullopt;
  return stored(path, key, value->text);
}

bool same(const std::optional<Json>& a, const std::optional<Json>& b) {
  return a && b ? sameJson(*a, *b) : a.has_value() == b.has_value();
}

}  // namespace

// Nothing is written when the edit gives back what it got, so that its text stays as it is spelled.
std::optional<Json> Hashes::editItem(
    std::string_view named, std::string_view key, const PutOptions& options,
    const std::function<std::optional<Json>(const std::optional<Json>&)>& edit) {
  checkKey(key);
  const std::string path = session().path(named);
  const std::string create = optionsText(session(), options.create);
  const auto held = session().lockForWriting({path});
  const Expiry expiry(session(), path, options.create, options.ttl);
  const auto value = current(session(), path, key);
  const auto before = documentOf(path, key, value);
  const std::set<std::string> paths{path};
  const HeldHere here(session(), paths);
  auto after = edit(before);
  const Expires expires =
      options.ttl.count() > 0 ? expiry.ofPut(expiresOf(value)) : expiry.ofEdit(expiresOf(value));
  const bool isSame = after == before;
  if (isSame && (!value || value->expires == expires)) return after;
  Batch batch;
  if (after)
    batch.add(Create{path, create})
        .add(Put{path, std::string(key), isSame ? value->text : toText(*after), expires});
  else
    batch.add(Remove{path, std::string(key)});
  session().apply(batch);
  return after;
}

bool Hashes::hashPutTextIf(std::string_view path, std::string_view key,
                           std::optional<std::string_view> expected, std::string_view json,
                           const PutOptions& options) {
  validateDocument(json);
  if (expected) validateDocument(*expected);
  return replaceTextIf(path, key, expected ? std::optional(parseJson(*expected)) : std::nullopt,
                       std::string(json), options);
}

bool Hashes::replaceIf(std::string_view path, std::string_view key,
                       const std::optional<Json>& expected, const std::optional<Json>& value,
                       const PutOptions& options) {
  return replaceTextIf(path, key, expected, value ? std::optional(toText(*value)) : std::nullopt,
                       options);
}

bool Hashes::replaceTextIf(std::string_view named, std::string_view key,
                           const std::optional<Json>& expected, std::optional<std::string> text,
                           const PutOptions& options) {
  checkKey(key);
  const std::string path = session().path(named);
  Batch batch;
  if (text)
    batch.add(Create{path, optionsText(session(), options.create)})
        .add(Put{path, std::string(key), std::move(*text)});
  else
    batch.add(Remove{path, std::string(key)});
  const Hold held = lockItem(session(), path, key);
  const auto before = current(session(), path, key);
  if (!same(documentOf(path, key, before), expected)) return false;
  if (auto* const put = std::get_if<Put>(&batch.changes.back()))
    put->expires = Expiry(session(), path, options.create, options.ttl).ofPut(expiresOf(before));
  session().apply(batch);
  return true;
}

}  // namespace hexpage
