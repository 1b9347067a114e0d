// Counters, arrays and other values inside a document.
#include <hexpage/error.hpp>
#include <hexpage/hashes.hpp>
#include <hexpage/json_text.hpp>

#include "document.hpp"
#include "document_edit.hpp"
#include "expiry.hpp"
#include "hash_options.hpp"
#include "number.hpp"
#include "session.hpp"
#include "single_item.hpp"
#include "support/json_scanner.hpp"

namespace hexpage {
namespace {

using Before = std::optional<std::string_view>;

// Says of which item an argument was refused.
template <class Work>
auto about(std::string_view path, std::string_view key, Work work) {
  try {
    return work();
  } catch (const Error& e) {
    if (e.code() != Code::InvalidArgument) throw;
    throw Error(e.code(), std::string(path) + ": " + std::string(key) + ": " + e.what());
  }
}

// What an item that is not there counts from.
Number initialValue(const Json& options) {
  const auto initial = options.is_object() ? options.find("initval") : options.end();
  return initial == options.end() ? Number(0) : numberOf(*initial);
}

std::size_t sizeOfArray(std::string_view text) {
  JsonScanner scanner(text);
  if (scanner.peek() != '[') throw Error(Code::InvalidArgument, "no array");
  scanner.expect('[');
  if (scanner.accept(']')) return 0;
  std::size_t size = 0;
  do {
    scanner.value();
    ++size;
  } while (scanner.accept(','));
  return size;
}

std::string pushed(std::string_view array, bool isEmpty, std::string_view element) {
  std::string out(array.substr(0, array.rfind(']')));
  if (!isEmpty) out += ',';
  return out.append(element).append("]");
}

using Counting = Number (*)(const Number& before, const Number& step);

// An item that is there and never expires, in a hash whose items never do.
std::optional<Json> countAtOnce(Session& session, std::string_view named, std::string_view key,
                                const Json& by, const MemberOptions& options, Counting counted) {
  if (!options.member.empty() || options.ttl.count() != 0 || !options.create.empty())
    return std::nullopt;
  Number result;
  std::string text;
  const auto decide = [&](const ItemSeen& item,
                          const Json& stored) -> std::optional<std::string_view> {
    if (item.expires != 0 || givesTimes(stored)) return std::nullopt;
    about(named, key, [&] {
      result = counted(parseNumber(item.text), numberOf(by));
      text = textOf(result);
    });
    return text;
  };
  if (!editAtOnce(session, named, key, decide)) return std::nullopt;
  return jsonOf(result);
}

}  // namespace

void Hashes::editMember(const std::string& path, std::string_view key, const MemberOptions& options,
                        const EditValue& edit) {
  checkKey(key);
  const auto steps = memberPath(options.member);
  const auto edited = [&](Before before, const Json& stored) {
    if (steps.empty()) return edit(before, stored);
    const std::string_view document = before.value_or("{}");
    return withValueAt(document, steps, edit(valueAt(document, steps), stored));
  };
  std::string after;
  const auto decide = [&](const ItemBefore& find, const Json& stored) {
    const auto before = find();
    after = about(path, key, [&] {
      std::string text = edited(before ? Before(before->text) : std::nullopt, stored);
      // What is a number and in no other value can not be too deep, nor too large.
      if (!steps.empty() || text.starts_with('[')) validateDocument(text);
      return text;
    });
    return ItemAfter{after, Expiry(session(), stored, options.ttl).ofEdit(expiresOf(before))};
  };
  Hold held = lockItem(session(), path, key);
  if (editLocked(session(), path, key, decide, held)) return;
  const std::string create = optionsText(session(), options.create);
  const ItemAfter first = decide([] { return std::nullopt; }, options.create);
  Batch batch;
  batch.add(Create{path, create})
      .add(Put{path, std::string(key), std::string(first.text), first.expires});
  apply(session(), batch, held);
}

Json Hashes::count(std::string_view named, std::string_view key, const Json& by,
                   const MemberOptions& options, Count direction) {
  const Counting counted = direction == Count::Up ? sum : difference;
  if (auto result = countAtOnce(session(), named, key, by, options, counted))
    return *std::move(result);
  const std::string path = session().path(named);
  const Number step = about(path, key, [&] { return numberOf(by); });
  Number result;
  const auto edit = [&](Before before, const Json& stored) {
    const Number start = before                   ? parseNumber(*before)
                         : options.member.empty() ? initialValue(stored)
                                                  : Number(0);
    result = counted(start, step);
    return textOf(result);
  };
  editMember(path, key, options, edit);
  return jsonOf(result);
}

Json Hashes::hashIncrement(std::string_view path, std::string_view key, const Json& by,
                           const MemberOptions& options) {
  return count(path, key, by, options, Count::Up);
}

Json Hashes::hashDecrement(std::string_view path, std::string_view key, const Json& by,
                           const MemberOptions& options) {
  return count(path, key, by, options, Count::Down);
}

std::size_t Hashes::hashArrayPush(std::string_view named, std::string_view key, const Json& value,
                                  const MemberOptions& options) {
  return pushElement(named, key, toText(value), options);
}

std::size_t Hashes::hashArrayPushText(std::string_view path, std::string_view key,
                                      std::string_view json, const MemberOptions& options) {
  about(path, key, [&] { validateDocument(json); });
  return pushElement(path, key, json, options);
}

std::size_t Hashes::pushElement(std::string_view named, std::string_view key,
                                std::string_view element, const MemberOptions& options) {
  std::size_t size = 0;
  editMember(session().path(named), key, options, [&](Before before, const Json&) {
    const std::string_view array = before.value_or("[]");
    size = sizeOfArray(array) + 1;
    return pushed(array, size == 1, element);
  });
  return size;
}

std::size_t Hashes::hashArraySize(std::string_view path, std::string_view key,
                                  std::string_view member) {
  const auto text = hashFindMemberText(path, key, member);
  return text ? about(path, key, [&] { return sizeOfArray(*text); }) : 0;
}

Json Hashes::hashGetMember(std::string_view path, std::string_view key, std::string_view member) {
  return stored(path, key, hashGetMemberText(path, key, member));
}

std::string Hashes::hashGetMemberText(std::string_view path, std::string_view key,
                                      std::string_view member) {
  const std::string document = hashGetText(path, key);
  const auto value = valueAt(document, memberPath(member));
  if (!value)
    throw Error(Code::NoSuchKey, "no such member: " + session().path(path) + ": " +
                                     std::string(key) + ": " + std::string(member));
  return std::string(*value);
}

std::optional<Json> Hashes::hashFindMember(std::string_view path, std::string_view key,
                                           std::string_view member) {
  const auto text = hashFindMemberText(path, key, member);
  if (!text) return std::nullopt;
  return stored(path, key, *text);
}

std::optional<std::string> Hashes::hashFindMemberText(std::string_view path, std::string_view key,
                                                      std::string_view member) {
  const auto document = hashFindText(path, key);
  if (!document) return std::nullopt;
  const auto value = valueAt(*document, memberPath(member));
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

}  // namespace hexpage
