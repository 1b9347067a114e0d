// One hash of the paged layout as it is known in memory: its header, its indexes, and as many of
// its pages as the cache allows.
//
// What is known is void when another process of hexpage may have changed it: the epoch tells. Of
// what is in its file the version is compared before it is written, and for a reader when it has
// been trusted for 50 ms, so that a hash that Node or an editor has changed in the meantime is read
// anew.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "paged/page_cache.hpp"
#include "paged/record_store.hpp"
#include "paged/tree.hpp"
#include "support/header.hpp"
#include "support/helping_thread.hpp"

namespace hexpage {

class HashState : public NodeSource {
 public:
  HashState(std::string path, RecordStore& store, PageCache& cache, HelpingThread& helper)
      : path_(std::move(path)), store_(store), cache_(cache), helper_(helper) {}
  ~HashState() override;

  const std::string& path() const { return path_; }
  // Shared to call the const functions, exclusive for the others.
  std::shared_mutex& mutex() { return mutex_; }

  // --- under the shared lock ---

  // Looks up a key in what is known. False when something must be loaded first.
  bool findKnown(std::string_view key, std::optional<Value>& value) const;
  bool headerKnown() const { return isTrusted(header_.checkedAt, header_.version, std::nullopt); }
  bool isOf(std::uint64_t epoch) const { return epoch_ == epoch; }
  const std::optional<Header>& knownHeader() const { return header_.value; }
  // Null when there is no hash, or they have not been read yet.
  const std::shared_ptr<const Json>& knownOptions() const { return options_; }

  // --- under the exclusive lock ---

  // These begin a use in this epoch, and forget what is known from another one.
  void beginReading(std::uint64_t epoch);
  void beginWriting(std::uint64_t epoch);
  // What is known of the epoch is not looked at again: whether other programs have changed it shows
  // when it is placed.
  void beginRedoing(std::uint64_t epoch);

  // Null when there is no hash here. Throws Corrupt, also for pages without a header.
  const Header* header();
  std::shared_ptr<const Json> options();
  std::optional<Value> find(std::string_view key);
  // The page with the lowest digests from the cursor on.
  Chunk scan(std::string_view cursor);
  // The items of it that expire at `now` or before; of one of the next pages that has some, or of
  // none of a bounded number of them.
  Chunk expired(Expires now, std::string_view cursor);

  std::optional<Node> node(std::string_view digits) override;
  std::optional<Node> nodeOnce(std::string_view digits) override;
  std::uint16_t children(std::string_view digits) override;
  [[noreturn]] void refuse(std::string_view digits, const std::string& reason) override;

  // Takes over what a commit has stored.
  void installHeader(std::optional<Header> header, VersionPtr version);
  void installNode(const std::string& digits, const std::optional<Node>& node, VersionPtr version);
  // Everything is to be read anew.
  void forget() noexcept;
  // Gives pages back until the cache has room, those not used since the last sweep first.
  void sweep();

  std::string recordOf(std::string_view digits) const;
  // What is known of a node's content, or of the header's: nullopt when nothing is, null when it is
  // known that there is none.
  std::optional<VersionPtr> versionOf(std::string_view digits) const;
  std::optional<VersionPtr> headerVersion() const;

 private:
  static std::int64_t now();
  void begin(std::uint64_t epoch, std::int64_t trustedSince);

  struct Known {
    std::optional<RecordType> type;    // nullopt: no record there
    std::shared_ptr<const Page> page;  // of a page
    Children children;                 // of an index
    VersionPtr version;
    std::int64_t loadedAt = 0;
    mutable std::atomic<std::int64_t> checkedAt{0};
    mutable std::atomic<bool> used{true};
  };
  struct KnownHeader {
    std::optional<Header> value;
    VersionPtr version;
    mutable std::atomic<std::int64_t> checkedAt{0};
  };

  // `digits` of a node; nullopt for the header.
  bool isTrusted(std::atomic<std::int64_t>& checkedAt, const VersionPtr& version,
                 std::optional<std::string_view> digits) const;
  // `digits` as above. What was committed here and is not in its file yet is.
  bool isCurrent(std::optional<std::string_view> digits, const VersionPtr& version) const;
  const Known* known(std::string_view digits) const;
  // A page that is read in passing stays only while the cache has room, and is the first to go.
  enum class Keep { Always, WhileThereIsRoom };
  std::optional<Node> load(const std::string& digits, Keep keeps);
  struct Stored {
    std::optional<Node> node;  // nullopt: no record there
    VersionPtr version;
  };
  // Safe between threads.
  Stored read(std::string_view digits) const;
  void readAhead(const std::string& index, unsigned first, Children children);
  void keep(const std::string& digits, const std::optional<Node>& node, VersionPtr version);
  void drop(const std::string& digits) noexcept;
  void dropBelow(std::string_view digits) noexcept;
  void loadHeader();
  void refusePagesWithoutHeader(std::string_view inItsPlace);
  void refuseLost(const std::string& digits);
  // Which items of a page are wanted, and in how many pages they are looked for at most.
  struct Search {
    std::optional<Expires> expiredAt;
    std::size_t pages = 1;
  };
  bool scanFrom(const std::string& digits, std::string_view cursor, Search& search, Chunk& chunk);

  const std::string path_;
  RecordStore& store_;
  PageCache& cache_;
  HelpingThread& helper_;
  std::shared_mutex mutex_;
  KnownHeader header_;
  std::shared_ptr<const Json> options_;  // of the header
  ByDigits<Known> nodes_;
  std::uint64_t epoch_ = 0;
  std::int64_t trustedSince_ = 0;  // nothing is used that was compared before
};

// Reads a header's or node's text. Throw Corrupt that names the file.
std::optional<Header> readHeader(RecordStore& store, std::string_view path,
                                 const std::string& text);
Node readNode(RecordStore& store, std::string_view record, std::string text);

// Remembers a path that was read. Where there is no room for that, the next one to read it does it.
void rememberRead(RecordStore& store, std::string_view path);

// Whether an index is known to have the child of this digit.
bool hasChild(Children children, char digit);
// Which records there are below this one.
std::uint16_t childrenFound(RecordStore& store, std::string_view record);

}  // namespace hexpage
