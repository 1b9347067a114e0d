// The hash API: collections of JSON documents, and plain JSON records, by path.
//
// A *path* names a hash or a record. It is normalised as pixl-server-storage does for ASCII:
// lower-cased (unless `lower_case_keys` is false), characters outside [A-Za-z0-9_.-/] dropped, runs
// of '/' made one, a '/' at either end dropped. InvalidArgument, with the reason, when it has a
// byte outside ASCII, a segment that begins with '.' or ends in `.json`, is empty afterwards, ends
// in an extension like `.txt`, has a segment over 240 characters or is over 1024 in all.
//
// A *key* names an item inside a hash: any UTF-8 text from 1 byte to 64 KiB, never normalised.
//
// A *document* is any JSON value: at most 16 MiB of text, 512 levels deep, valid UTF-8, no member
// twice in one object, no NaN or infinity. Texts are kept as they come: the spelling of numbers and
// the order of members stay. Anything else is InvalidArgument and nothing is stored.
//
// Every call locks its hash by itself; reads wait for no writer and see only whole changes. Writing
// waits for another writer of the same hash at most `lock_timeout`, then throws LockTimeout.
// Besides what each call names, reads may throw Corrupt and Io, writes also Conflict, NoSpace and
// ReadOnly. See error.hpp for what a failed call leaves.
#pragma once

#include <concepts>
#include <functional>
#include <hexpage/batch.hpp>
#include <hexpage/database.hpp>
#include <hexpage/function_ref.hpp>
#include <hexpage/hash_cursor.hpp>
#include <hexpage/match.hpp>
#include <hexpage/types.hpp>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hexpage {

struct PutOptions {
  Json create = nullptr;  // options of the hash, should this put make it: an object or nothing
  Millis ttl{0};          // how long the item lives; 0: as its hash says; kForever
};

// Which value of a document a call works on. A path is one as in hashUpdate, and "tags[0]" is
// "tags.0"; `\[` stands for itself. "" is the document itself.
struct MemberOptions {
  std::string member{};
  Json create = nullptr;  // options of the hash, should this call make it
  Millis ttl{0};          // how long the item lives, should this call make it; see hashExpire
};

struct Session;  // a backend, its locks and the settings that hold for every call
class Matcher;   // a Match made ready

// The items of a hash for a range-for, a chunk in memory at a time. Single pass: begin() starts
// anew. The Storage must outlive it.
class HashRange {
 public:
  using value_type = std::pair<std::string, Json>;

  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = HashRange::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }
    iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return atEnd_; }

   private:
    friend class HashRange;
    iterator(std::shared_ptr<Session> session, std::string path,
             std::shared_ptr<const Matcher> matcher);
    void fetch();
    void fetchChunk();

    std::shared_ptr<Session> session_;
    std::string path_;
    std::shared_ptr<const Matcher> matcher_;
    Chunk chunk_;
    std::size_t position_ = 0;
    value_type current_;
    bool atEnd_ = false;
  };

  iterator begin() const { return {session_, path_, matcher_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  friend class Hashes;
  HashRange(std::shared_ptr<Session> session, std::string path,
            std::shared_ptr<const Matcher> matcher = nullptr)
      : session_(std::move(session)), path_(std::move(path)), matcher_(std::move(matcher)) {}

  std::shared_ptr<Session> session_;
  std::string path_;
  std::shared_ptr<const Matcher> matcher_;  // null for every item
};

// Storage is one, and may be used by any number of threads at once; a Transaction is one, for one
// thread at a time.
class Hashes {
 public:
  // --- hashes ---

  // Makes an empty hash with these header members: `page_size` (1 to 1,000,000; else the config's
  // `hash_page_size`), `autoexpire`, `updateexpire` and `initval` (docs/configuration.md,
  // "Hashes"), and any of the caller's own. An existing hash stays as it is. Gives the info of the
  // hash that is there then. `options` must be an object.
  HashInfo hashCreate(std::string_view path, const Json& options = Json::object());

  // The hash's length and options; O(1). Throws NoSuchKey when there is no hash.
  HashInfo hashGetInfo(std::string_view path);

  // The hashes whose path begins with the prefix (plain text: "us" finds "users"), by path. One
  // whose header is damaged hides no other: it has the reason as its `fault`.
  std::vector<HashInfo> hashes(std::string_view prefix = "");

  // Lays the items of a hash out anew in pages of at most n items. Readers see the old layout until
  // all is done. Throws NoSuchKey when there is no hash.
  void hashSetPageSize(std::string_view path, std::size_t n);

  // --- put ---

  // Stores a document under the key, replacing what is there and when that expires. Makes the hash
  // if need be.
  void hashPut(std::string_view path, std::string_view key, const Json& value,
               const PutOptions& options = {});

  // Stores each member of an object under its name, all or none, as one batch. Makes the hash if
  // need be, for an empty object too.
  void hashPutMulti(std::string_view path, const Json& records, const PutOptions& options = {});

  // As hashPut, for a document that is JSON text already; it is validated, not parsed.
  void hashPutText(std::string_view path, std::string_view key, std::string_view json,
                   const PutOptions& options = {});

  // As hashPutMulti, for JSON texts, each with its own time if it has one. Of equal keys the last
  // one stays. Says how many keys were new; one that has expired but lies there still is not.
  std::size_t hashPutTexts(std::string_view path, std::span<const Item> items,
                           const PutOptions& options = {});

  // --- get ---

  // The document under the key. Throws NoSuchKey when the hash or the key is not there. As all
  // calls that give a Json, InvalidArgument for a stored number that none holds, as 1e400; those
  // that give texts give it, too.
  Json hashGet(std::string_view path, std::string_view key);
  std::string hashGetText(std::string_view path, std::string_view key);

  // The same, with nullopt for what is not there.
  std::optional<Json> hashFind(std::string_view path, std::string_view key);
  std::optional<std::string> hashFindText(std::string_view path, std::string_view key);

  bool hashHas(std::string_view path, std::string_view key);

  // The documents under the keys, in the order of the keys; nullopt where there is none.
  std::vector<std::optional<Json>> hashGetMulti(std::string_view path,
                                                std::span<const std::string> keys);
  std::vector<std::optional<Json>> hashGetMulti(std::string_view path,
                                                std::initializer_list<std::string> keys) {
    return hashGetMulti(path, std::span<const std::string>(keys.begin(), keys.size()));
  }

  // Everything as one object, in memory; empty when there is no hash.
  Json hashGetAll(std::string_view path);

  // --- change ---

  // Assigns each member of `changes` in the stored document. A name is a path into it:
  // "address.city" or "address/city" is a member of a member, `\.` and `\/` stand for themselves, a
  // number steps into an array (one past its end appends). Missing objects on the way are made; a
  // step into a scalar, or an array with any other name, is InvalidArgument. The rest of the text
  // stays as it was written. Throws NoSuchKey when the item is not there. Safe against concurrent
  // updates of the same hash.
  void hashUpdate(std::string_view path, std::string_view key, const Json& changes);

  // hashUpdate for each member of an object of changes by key; all or none.
  void hashUpdateMulti(std::string_view path, const Json& changesByKey);

  // JSON Merge Patch (RFC 7396) of the stored document: members given as null are removed.
  // Throws NoSuchKey when the item is not there.
  void hashMerge(std::string_view path, std::string_view key, const Json& patch);

  // --- expiry ---
  // An item that has expired is not there any more, for every call: get, count, iterate, update,
  // copy and the rest. It stays stored, and counts in the hash's length, until hashSweep, the
  // store's own sweeping (`sweep_interval`) or a put removes it; hashDeleteAll counts it too.
  //
  // Time goes by the clock of the machine, to the millisecond. When that is set back, items live
  // longer, never shorter. Changes of a document (hashUpdate, hashMerge, hashEdit, counters,
  // arrays, cursors) keep its time, unless the hash's options say that each write starts it anew.

  // Lets the item expire in `ttl` from now, above 0. Throws NoSuchKey when it is not there.
  void hashExpire(std::string_view path, std::string_view key, Millis ttl);
  // Lets it never expire.
  void hashPersist(std::string_view path, std::string_view key);
  // How long it has left, above 0; nullopt when it never expires. Throws NoSuchKey.
  std::optional<Millis> hashTimeToLive(std::string_view path, std::string_view key);

  // Removes the items that have expired and says how many. Goes over the hash a chunk at a time and
  // keeps no writer waiting longer; one that is put anew meanwhile stays. No hash, no items.
  std::size_t hashSweep(std::string_view path);

  // --- counters, arrays and other values inside a document ---
  // Whatever else the document holds stays as it was written. Safe against concurrent changes.

  // Adds to a number, or takes from it, and gives the result. Integers are of 64 bits and exact;
  // with a fraction or an exponent on either side both are doubles. What is not there begins at 0,
  // an item at `initval` of its hash's options if there is one; the item and the hash are made if
  // need be. With a ttl the first call starts the item's time, and later ones leave it as it is
  // unless the hash's options say `updateexpire`. InvalidArgument when the value, `by` or `initval`
  // is no number, or the result does not fit.
  Json hashIncrement(std::string_view path, std::string_view key, const Json& by = 1,
                     const MemberOptions& options = {});
  Json hashDecrement(std::string_view path, std::string_view key, const Json& by = 1,
                     const MemberOptions& options = {});

  // Appends to an array and gives its new size. What is not there is an empty array; the item and
  // the hash are made if need be. InvalidArgument when something else than an array is there.
  std::size_t hashArrayPush(std::string_view path, std::string_view key, const Json& value,
                            const MemberOptions& options = {});

  // The same for a JSON text, which is validated and kept as it is spelled.
  std::size_t hashArrayPushText(std::string_view path, std::string_view key, std::string_view json,
                                const MemberOptions& options = {});

  // How many elements the array has; 0 when nothing is there. InvalidArgument as hashArrayPush.
  std::size_t hashArraySize(std::string_view path, std::string_view key,
                            std::string_view member = "");

  // One value of a document. Throws NoSuchKey when the hash, the key or the member is not there.
  Json hashGetMember(std::string_view path, std::string_view key, std::string_view member);
  std::string hashGetMemberText(std::string_view path, std::string_view key,
                                std::string_view member);

  // The same, with nullopt for what is not there.
  std::optional<Json> hashFindMember(std::string_view path, std::string_view key,
                                     std::string_view member);
  std::optional<std::string> hashFindMemberText(std::string_view path, std::string_view key,
                                                std::string_view member);

  // --- compare and set ---
  // In one step: nobody else writes to the hash between the look and the write. Documents are equal
  // when they say the same: the order of members and the spelling of numbers do not matter (1 is
  // 1.0; whole numbers of 64 bits compare exactly, others as doubles).

  // Stores the value if the document under the key equals `expected`, and says whether it did;
  // std::nullopt expects that there is none. Makes the hash if need be.
  bool hashPutIf(std::string_view path, std::string_view key, const Json& expected,
                 const Json& value, const PutOptions& options = {}) {
    return replaceIf(path, key, expected, value, options);
  }
  bool hashPutIf(std::string_view path, std::string_view key, std::nullopt_t, const Json& value,
                 const PutOptions& options = {}) {
    return replaceIf(path, key, std::nullopt, value, options);
  }
  template <std::same_as<std::optional<Json>> Expected>  // what hashFind gives
  bool hashPutIf(std::string_view path, std::string_view key, const Expected& expected,
                 const Json& value, const PutOptions& options = {}) {
    return replaceIf(path, key, expected, value, options);
  }

  // The same for JSON texts; the one that is stored is kept as it is spelled.
  bool hashPutTextIf(std::string_view path, std::string_view key,
                     std::optional<std::string_view> expected, std::string_view json,
                     const PutOptions& options = {});

  // Removes the item if it equals `expected`, and says whether it did.
  bool hashDeleteIf(std::string_view path, std::string_view key, const Json& expected) {
    return replaceIf(path, key, expected, std::nullopt, {});
  }

  // Replaces a document by what edit(document) gives, and gives it too; std::nullopt stands for
  // none there, before and after. When `edit` throws nothing happens. It can not write to this
  // hash itself through the Storage: that is InvalidArgument.
  //   storage.hashEdit("users", "ann", [](std::optional<Json> user) { ...; return user; });
  template <std::invocable<const std::optional<Json>&> Edit>
  std::optional<Json> hashEdit(std::string_view path, std::string_view key, Edit edit,
                               const PutOptions& options = {}) {
    return editItem(path, key, options, std::move(edit));
  }

  // --- delete ---

  // Removes the item; with `entire` the hash as well, should this have been its last item.
  // Throws NoSuchKey when the hash or the key is not there.
  void hashDelete(std::string_view path, std::string_view key, bool entire = false);

  // Removes the items, all at once, and says how many of them there were; with `entire` the hash as
  // well, should they have been its last ones.
  std::size_t hashDeleteMulti(std::string_view path, std::span<const std::string> keys,
                              bool entire = false);
  std::size_t hashDeleteMulti(std::string_view path, std::initializer_list<std::string> keys,
                              bool entire = false) {
    return hashDeleteMulti(path, std::span<const std::string>(keys.begin(), keys.size()), entire);
  }

  // Removes all items, with `entire` the header too, and says how many there were. Throws NoSuchKey
  // when there is no hash.
  std::size_t hashDeleteAll(std::string_view path, bool entire = false);

  // --- copy and rename ---

  // Both replace the destination wholly, be it a hash or a record; `to` stays as it was until the
  // moment it is replaced. Onto itself nothing happens. Throw NoSuchKey when there is no hash at
  // `from`.
  void hashCopy(std::string_view from, std::string_view to);
  void hashRename(std::string_view from, std::string_view to);

  // --- iterate ---
  // In no promised order. What is there throughout comes exactly once, whatever is written to the
  // hash meanwhile, by the visitor too; no lock is held while it runs. Memory is bounded by the
  // largest page and the backend's cache. No hash, no visits. A visitor may return bool: false ends
  // the loop.

  // visit(key, value)
  template <std::invocable<const std::string&, const Json&> Visit>
  void hashEach(std::string_view path, Visit visit) {
    eachChunk(path, [&](const Chunk& chunk) {
      for (const Item& item : chunk.items)
        if (!goesOn(visit, item.key, parsed(path, item))) return false;
      return true;
    });
  }

  // visit(key, text): the stored JSON text.
  template <std::invocable<const std::string&, const std::string&> Visit>
  void hashEachText(std::string_view path, Visit visit) {
    eachChunk(path, [&](const Chunk& chunk) {
      for (const Item& item : chunk.items)
        if (!goesOn(visit, item.key, item.text)) return false;
      return true;
    });
  }

  // visit(item): with its text, and when it expires.
  template <std::invocable<const Item&> Visit>
  void hashEachItem(std::string_view path, Visit visit) {
    eachChunk(path, [&](const Chunk& chunk) {
      for (const Item& item : chunk.items)
        if (!goesOn(visit, item)) return false;
      return true;
    });
  }

  // visit(items): a page of items at a time, as one object; never an empty one.
  template <std::invocable<const Json&> Visit>
  void hashEachPage(std::string_view path, Visit visit) {
    eachChunk(path, [&](const Chunk& chunk) { return goesOn(visit, parsedPage(path, chunk)); });
  }

  // for (const auto& [key, value] : storage.hashItems("users"))
  HashRange hashItems(std::string_view path);

  // Goes over a hash and changes it item by item; begins behind a former cursor's position().
  // InvalidArgument for a position that is none.
  HashCursor hashCursor(std::string_view path, std::string_view position = "");
  HashCursor hashCursor(std::string_view path, const Match& match, std::string_view position = "");

  // --- the items that match ---
  // Each looks at every item of the hash. InvalidArgument for a Match that makes no sense, as a
  // malformed expression. No hash, no items.

  std::size_t hashCount(std::string_view path, const Match& match);
  // Whether there is one.
  bool hashAny(std::string_view path, const Match& match);

  // for (const auto& [key, value] : storage.hashMatch("users", {.by = MatchBy::Prefix, ...}))
  HashRange hashMatch(std::string_view path, const Match& match);
  // visit(key, text), as hashEachText.
  template <std::invocable<const std::string&, const std::string&> Visit>
  void hashMatchText(std::string_view path, const Match& match, Visit visit) {
    eachMatch(path, match, [&](const Item& item) { return goesOn(visit, item.key, item.text); });
  }

  // Removes them and says how many there were. Nobody else writes to the hash meanwhile. They go in
  // batches of a chunk each, so that any number can: after an error, a crash or a kill in the
  // middle some are gone, and the same call removes the rest. In a transaction all go or none.
  std::size_t hashDeleteMatching(std::string_view path, const Match& match);

  // --- tables of SQL databases ---
  // See database.hpp. Rows are streamed, so that memory is bounded whatever the size. Throw Io when
  // the database refuses, with its reason.

  // Stores each row as an item, over what the hash has, which is made if need be. They go in
  // batches: after an error those before it stay.
  DatabaseTransfer hashLoad(std::string_view path, const DatabaseTable& table);

  // The same, but in the end the hash holds what the table has and nothing else, in one change;
  // after an error it is as it was. Writers of the hash wait meanwhile.
  DatabaseTransfer hashReload(std::string_view path, const DatabaseTable& table);

  // Makes the table hold what the hash has and nothing else, in one transaction of the database;
  // makes the table if need be. What is written to the hash meanwhile goes over or not, as with
  // hashEach. Throws NoSuchKey when there is no hash. In a Kamailio table integers of 64 bits and
  // strings stay what they are; other documents become strings of their JSON text.
  DatabaseTransfer hashStore(std::string_view path, const DatabaseTable& table);

  // --- plain records ---

  // Stores one JSON value under a path, whole. Throws Conflict when a hash is there,
  // InvalidArgument for an object of `type` hash, hash_page or hash_index.
  void put(std::string_view path, const Json& value);

  // As put, for a value that is JSON text already: it is validated and kept as it is spelled.
  void putText(std::string_view path, std::string_view json);

  // The record; for a hash its header. Throws NoSuchKey when there is none.
  Json get(std::string_view path);
  std::optional<Json> find(std::string_view path);

  // The same as the stored JSON text, but for white space between its tokens.
  std::string getText(std::string_view path);
  std::optional<std::string> findText(std::string_view path);

  // Whether a record or a hash is there.
  bool has(std::string_view path);

  // Removes a plain record and says whether it was there. Throws Conflict when it is a hash: see
  // hashDeleteAll(path, true).
  bool erase(std::string_view path);

  // Of a plain record; replace the destination. A hash is copied and renamed as by hashCopy and
  // hashRename. Throw NoSuchKey when there is nothing at `from`.
  void copy(std::string_view from, std::string_view to);
  void rename(std::string_view from, std::string_view to);

  // The paths of all hashes and plain records that begin with the prefix, sorted.
  std::vector<std::string> list(std::string_view prefix = "");

 protected:
  explicit Hashes(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  ~Hashes() = default;
  Hashes(Hashes&&) = default;
  Hashes& operator=(Hashes&&) = default;

  Session& session() const { return *session_; }
  const std::shared_ptr<Session>& sharedSession() const { return session_; }  // null once moved

 private:
  enum class Count { Up, Down };
  using EditText = std::string (*)(std::string_view before, const Json& changes);
  // The text that takes the place of a value; of none where there is none. The options are those of
  // the hash.
  using EditValue =
      FunctionRef<std::string(std::optional<std::string_view> before, const Json& options)>;

  // Of an item that is there; otherwise throws NoSuchKey. The path is as it is stored.
  Value valueOf(const std::string& path, std::string_view key);
  void setExpires(std::string_view path, std::string_view key, Expires expires);
  std::size_t putChecked(std::string_view path, std::span<const Item> items,
                         const PutOptions& options);
  void editItems(std::string_view path, const Json& editsByKey, EditText edit);
  void editMember(const std::string& path, std::string_view key, const MemberOptions& options,
                  const EditValue& edit);
  std::size_t pushElement(std::string_view path, std::string_view key, std::string_view element,
                          const MemberOptions& options);
  Json count(std::string_view path, std::string_view key, const Json& by,
             const MemberOptions& options, Count direction);
  bool replaceIf(std::string_view path, std::string_view key, const std::optional<Json>& expected,
                 const std::optional<Json>& value, const PutOptions& options);
  bool replaceTextIf(std::string_view path, std::string_view key,
                     const std::optional<Json>& expected, std::optional<std::string> text,
                     const PutOptions& options);
  std::optional<Json> editItem(
      std::string_view path, std::string_view key, const PutOptions& options,
      const std::function<std::optional<Json>(const std::optional<Json>&)>& edit);
  std::vector<PathEntry> entries(std::string_view prefix);
  void copyRecord(std::string_view from, std::string_view to, bool eraseSource);
  // Calls `visit` with each chunk that has items, until it returns false.
  void eachChunk(std::string_view path, const std::function<bool(const Chunk&)>& visit);
  void eachMatch(std::string_view path, const Match& match,
                 const std::function<bool(const Item&)>& visit);
  static Json parsed(std::string_view path, const Item& item);
  static Json parsedPage(std::string_view path, const Chunk& chunk);

  template <class Visit, class... Args>
  static bool goesOn(Visit& visit, const Args&... args) {
    if constexpr (std::convertible_to<std::invoke_result_t<Visit&, const Args&...>, bool>) {
      return static_cast<bool>(visit(args...));
    } else {
      visit(args...);
      return true;
    }
  }

  std::shared_ptr<Session> session_;
};

}  // namespace hexpage
