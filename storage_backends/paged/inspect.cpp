#include "paged/inspect.hpp"

#include <hexpage/error.hpp>
#include <map>
#include <set>
#include <utility>

#include "paged/batch_edit.hpp"
#include "paged/hash_state.hpp"
#include "paged/node_log.hpp"
#include "support/json_scanner.hpp"
#include "support/members.hpp"
#include "support/path_rules.hpp"

namespace hexpage {
namespace {

std::string counted(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

// As it is written; Node may have counted below zero.
std::string statedLength(const Header& header) {
  std::vector<Member> members = membersOf(header.text());
  return findMember(members, "length")->text;
}

// Without the file, which stands before the reason already.
std::string reasonOf(const std::string& file, const Error& e) {
  const std::string_view message = e.what();
  const std::string before = file + ": ";
  return std::string(message.substr(message.starts_with(before) ? before.size() : 0));
}

// An item in a page where no look-up finds it.
struct Misplaced {
  std::string digits;
  std::string key;
};

// What is to be mended in one hash.
struct Troubles {
  std::vector<std::string> quarantines;  // files
  std::vector<Misplaced> misplaced;
  std::vector<std::string> miscounted;  // digits
  std::set<std::string> indexes;        // digits; lost, or of lost children
  bool rootMissing = false;
  bool lengthWrong = false;
  bool isDamaged = false;  // which of its texts are right is not known

  bool any() const {
    return !quarantines.empty() || !misplaced.empty() || !miscounted.empty() || !indexes.empty() ||
           lengthWrong;
  }
};

class Inspector {
 public:
  Inspector(RecordStore& store, Style style, Report& report, Mending mending,
            std::span<const std::string> accepted)
      : store_(store),
        style_(style),
        report_(report),
        mending_(mending),
        accepted_(accepted.begin(), accepted.end()) {}

  void run() {
    rollBackNode(store_, report_, mending_);
    const std::vector<std::string> files = store_.files();  // before mending makes new ones
    store_.walk("", "", [&](std::string_view each) {
      const std::string path(each);
      Walk next = Walk::On;
      guarded(path, [&] { next = visit(path); });
      return next;
    });
    for (const std::string& path : headless_) guarded(path, [&] { mendHeadless(path); });
    for (const std::string& file : files) visitFile(file);
    noteUnknown();
    noteUnsealed();
    for (const std::string& file : accepted_)
      error(
          file,
          "not accepted: there was nothing to accept, for it matches its checksum, the store keeps "
          "none, or it is of no hash or record",
          "");
  }

 private:
  // One record that can not be looked at, or mended, must not keep the others from it.
  template <class Work>
  void guarded(const std::string& path, Work work) {
    try {
      work();
    } catch (const Error& e) {
      const std::string file = store_.fileOf(path);
      error(file, reasonOf(file, e), "");
    }
  }

  bool mends() const { return mending_ != Mending::None; }

  void note(const std::string& file, const std::string& reason) {
    report_.findings.push_back({Severity::Note, file, reason, ""});
  }
  void error(const std::string& file, const std::string& reason, const std::string& action) {
    report_.findings.push_back({Severity::Error, file, reason, mends() ? action : ""});
  }

  // The record, counted; nullopt when it is not there or, with a finding, can not be read.
  std::optional<CheckedRecord> read(const std::string& path) {
    const std::string file = store_.fileOf(path);
    try {
      auto stored = store_.readChecked(path);
      if (!stored) return std::nullopt;
      seen_.insert(file);
      ++report_.files;
      report_.bytes += stored->text.size();
      return stored;
    } catch (const Error& e) {
      seen_.insert(file);
      const bool isNoFile = e.code() == Code::Corrupt;  // a link, a folder, a FIFO in its place
      error(file, reasonOf(file, e), isNoFile ? "moved into quarantine" : "");
      if (isNoFile && mending_ == Mending::Do) store_.quarantine(file, RecordStore::Aside::Move);
      return std::nullopt;
    }
  }

  // Of a record that has the right form: whether it is what was written, as far as that is known,
  // or is accepted for it.
  bool isAsWritten(const std::string& path, const CheckedRecord& record, Children children = {}) {
    const std::string file = store_.fileOf(path);
    if (!record.seal || record.seal == SealState::Ok) return true;
    const bool isUnknown = record.seal == SealState::Unknown;
    if (accepted_.erase(file) != 0) {
      store_.seal(path, children);
      note(file, isUnknown ? "had no checksum, and is given that of what it is now"
                           : "accepted as it is");
      return true;
    }
    if (isUnknown)
      unsealed_.push_back(file);
    else
      error(file, std::string(kDoesNotMatch) + file, "");
    return isUnknown;
  }

  // --- hashes and plain records ---

  Walk visit(const std::string& path) {
    for (const std::string& hash : headless_)
      if (isWithin(path, pagesOf(hash))) return Walk::On;
    const auto stored = read(path);
    if (!stored) {
      if (holdsPages(path)) headless_.insert(path);
      return Walk::On;
    }
    std::optional<Header> header;
    try {
      header = Header::parse(stored->text);
    } catch (const JsonError& e) {
      return visitUnreadable(path, std::string("malformed: ") + e.what());
    }
    if (header) {
      ++report_.hashes;
      Troubles troubles;
      troubles.isDamaged = !isAsWritten(path, *stored);
      visitOptions(path, *header);
      visitHash(path, *header, troubles);
      return Walk::SkipPages;
    }
    if (isNodeText(stored->text) && path.find(kPages) != std::string::npos) {
      seen_.erase(store_.fileOf(path));
      headless_.insert(path.substr(0, path.rfind(kPages)));
      return Walk::On;
    }
    isAsWritten(path, *stored);
    ++report_.records;
    return Walk::On;
  }

  Walk visitUnreadable(const std::string& path, const std::string& reason) {
    const std::string file = store_.fileOf(path);
    const bool isHeader = holdsPages(path);
    error(file, reason,
          isHeader ? "moved into quarantine; a new header is made" : "moved into quarantine");
    if (mending_ == Mending::Do) store_.quarantine(file, RecordStore::Aside::Move);
    if (isHeader) headless_.insert(path), told_.insert(path);
    return Walk::On;
  }

  bool holdsPages(const std::string& path) {
    try {
      const auto root = store_.readChecked(pagesOf(path));
      return root && isNodeText(root->text);
    } catch (const Error&) {
      return false;
    }
  }

  // Pages whose header is missing or was moved aside.
  void mendHeadless(const std::string& path) {
    const std::string file = store_.fileOf(path);
    const bool isTold = told_.contains(path);
    const bool isThere = !isTold && store_.size(path);
    const std::optional<CheckedRecord> other = isThere ? read(path) : std::nullopt;
    const std::string pages = store_.fileOf(pagesOf(path)) + " holds items of this hash";
    if (other)
      error(file, "no header, but " + pages, "kept in quarantine; a header is made of it");
    else if (!isThere && !isTold)
      error(file, "missing, but " + pages, "made anew with the default page_size");
    ++report_.hashes;
    const bool isObject = other && other->text.starts_with('{');
    const Header header = Header::make(isObject ? other->text : "{\"page_size\":50}", style_);
    Troubles troubles;
    if (mending_ != Mending::Do) return visitHash(path, header, troubles);
    if (other) store_.quarantine(file, RecordStore::Aside::Move);
    store_.commit({{path, RecordWrite::Kind::Text, header.text(), true}}, {});
    seen_.insert(file);
    visitHash(path, header, troubles);
  }

  // --- one hash ---

  void visitOptions(const std::string& path, const Header& header) {
    try {
      header.info(path);
    } catch (const JsonError& e) {
      error(store_.fileOf(path), std::string("a member that can not be read: ") + e.what(), "");
    }
  }

  // Of a hash with damaged files nothing is mended before they are accepted or put right: what is
  // wrong with the others may come from that.
  void visitHash(const std::string& path, const Header& header, Troubles& troubles) {
    const std::size_t first = report_.findings.size();
    std::uint64_t items = 0;
    visitNode(path, "", header, troubles, items);
    report_.items += items;
    Header recounted = header;
    recounted.setLength(items);
    troubles.lengthWrong = recounted.text() != header.text();  // Node may have counted below zero
    if (troubles.lengthWrong && !headless_.contains(path))
      error(store_.fileOf(path),
            "length says " + statedLength(header) + ", the pages hold " + counted(items, "item"),
            "counted anew");
    if (troubles.isDamaged)
      for (std::size_t i = first; i < report_.findings.size(); ++i)
        report_.findings[i].action.clear();
    else if (mending_ == Mending::Do && troubles.any())
      mend(path, header, troubles);
  }

  static std::string recordOf(const std::string& path, const std::string& digits) {
    std::string record = pagesOf(path);
    for (const char digit : digits) (record += '/') += digit;
    return record;
  }

  void visitNode(const std::string& path, const std::string& digits, const Header& header,
                 Troubles& troubles, std::uint64_t& items) {
    const std::string record = recordOf(path, digits);
    const std::string file = store_.fileOf(record);
    auto stored = read(record);
    if (!stored) {
      if (hasNodeBelow(path, digits)) {
        error(file, "missing, but pages lie below it", "made anew as an index");
        visitLostIndex(path, digits, header, troubles, items);
      } else if (digits.empty()) {
        troubles.rootMissing = true;
      }
      return;
    }
    std::optional<Node> node;
    try {
      node = readNode(store_, record, stored->text);
    } catch (const Error& e) {
      const std::string reason = reasonOf(file, e);
      troubles.quarantines.push_back(file);
      if (hasNodeBelow(path, digits)) {
        error(file, reason, "moved into quarantine and made anew as an index");
        return visitLostIndex(path, digits, header, troubles, items);
      }
      error(file, reason, "moved into quarantine; what it held is no longer in the hash");
      noteLost(digits, troubles);
      return;
    }
    const Children found = node->isIndex() ? Children(childrenFound(store_, record)) : std::nullopt;
    if (!isAsWritten(record, *stored, found)) troubles.isDamaged = true;
    if (node->page) {
      visitPage(file, digits, *node->page, header, troubles);
      items += node->page->size();
      visitStale(path, digits, troubles);
    } else if (digits.size() == Digest::kDigits) {
      error(file, "an index below the last digit", "moved into quarantine");
      troubles.quarantines.push_back(file);
      noteLost(digits, troubles);
    } else {
      for (unsigned d = 0; d < 16; ++d) {
        const std::string below = digits + hexDigit(d);
        if (hasChild(stored->children, hexDigit(d)) && !hasChild(found, hexDigit(d)))
          visitLostChild(path, below, troubles);
        visitNode(path, below, header, troubles, items);
      }
    }
  }

  void visitLostChild(const std::string& path, const std::string& digits, Troubles& troubles) {
    if (hasNodeBelow(path, digits)) return;  // visitNode() has more to say
    error(store_.fileOf(recordOf(path, digits)), "missing, but the index above it has it",
          "what it held is no longer in the hash");
    noteLost(digits, troubles);
  }

  // A node that is not in the tree any more.
  static void noteLost(const std::string& digits, Troubles& troubles) {
    if (digits.empty())
      troubles.rootMissing = true;
    else
      troubles.indexes.insert(digits.substr(0, digits.size() - 1));
  }

  bool hasNodeBelow(const std::string& path, const std::string& digits) {
    if (digits.size() == Digest::kDigits) return false;
    for (unsigned d = 0; d < 16; ++d)
      if (store_.size(recordOf(path, digits + hexDigit(d)))) return true;
    return false;
  }

  // An index holds nothing but what it is, so that one is as good as another.
  void visitLostIndex(const std::string& path, const std::string& digits, const Header& header,
                      Troubles& troubles, std::uint64_t& items) {
    troubles.indexes.insert(digits);
    for (unsigned d = 0; d < 16; ++d)
      visitNode(path, digits + hexDigit(d), header, troubles, items);
  }

  void visitPage(const std::string& file, const std::string& digits, const Page& page,
                 const Header& header, Troubles& troubles) {
    if (page.statedLength() != static_cast<std::int64_t>(page.size()) && !page.hadDuplicates()) {
      error(file, "length does not match its " + counted(page.size(), "item"), "counted anew");
      troubles.miscounted.push_back(digits);
    }
    if (page.hadDuplicates()) note(file, "a key is there twice; the last one counts");
    if (page.hadStrayExpires())
      note(file, "tells when keys expire that it does not hold, or not as a time; it is ignored");
    if (page.size() > header.pageSize())
      note(file, counted(page.size(), "item") + ", more than page_size; the next put splits it");
    if (page.size() == 0 && !digits.empty()) note(file, "an empty page, as Node leaves them");
    for (std::size_t i = 0; i < page.size(); ++i) {
      const std::string key = page.key(i);
      const std::string belongs = Digest::of(key).hex(digits.size());
      if (belongs == digits) continue;
      error(file, "holds the key " + key + ", which belongs below " + belongs,
            "moved to its page, or kept in quarantine if that has the key too");
      troubles.misplaced.push_back({digits, key});
    }
  }

  // Records below a page, as a crashed split leaves them.
  void visitStale(const std::string& path, const std::string& digits, Troubles& troubles) {
    if (digits.size() == Digest::kDigits) return;
    for (unsigned d = 0; d < 16; ++d) {
      const std::string below = digits + hexDigit(d);
      const std::string record = recordOf(path, below);
      if (!store_.size(record)) continue;
      const std::string file = store_.fileOf(record);
      error(file, "stale: it lies below a page, where no look-up goes", "moved into quarantine");
      seen_.insert(file);
      troubles.quarantines.push_back(file);
      visitStale(path, below, troubles);
    }
  }

  void mend(const std::string& path, const Header& header, const Troubles& troubles) {
    for (const std::string& file : troubles.quarantines)
      store_.quarantine(file, RecordStore::Aside::Move);
    // A header that counts items where there is no root is refused from here on.
    if (troubles.rootMissing && header.length() > 0) {
      Header emptied = header;
      emptied.setLength(0);
      store_.commit({{path, RecordWrite::Kind::Text, emptied.text(), true}}, {});
    }
    // From the leaves up, so that each finds its children.
    for (auto digits = troubles.indexes.rbegin(); digits != troubles.indexes.rend(); ++digits) {
      const std::string record = recordOf(path, *digits);
      store_.commit({{record, RecordWrite::Kind::Text, indexText(style_), false,
                      childrenFound(store_, record)}},
                    {});
    }
    PageCache cache({});
    HelpingThread helper;
    HashState state(path, store_, cache, helper);
    state.beginWriting(0);
    const StatesByPath states{{path, &state}};
    BatchEdit edit(states, {.style = style_});
    TreeEdit& tree = edit.treeOf(path);
    for (const std::string& digits : troubles.miscounted) tree.recount(digits);
    for (const Misplaced& item : troubles.misplaced) moveHome(state, tree, item);
    std::uint64_t items = 0;
    const auto count = [&](const std::string&, const Node& node) {
      if (node.page) items += node.page->size();
    };
    eachNode(tree, "", count);
    edit.setLengthOf(path, items);
    auto writes = edit.writes();
    if (!writes.empty()) store_.commit(std::move(writes), {});
  }

  void moveHome(HashState& state, TreeEdit& tree, const Misplaced& item) {
    const auto node = tree.node(item.digits);
    const auto i = node && node->page ? node->page->find(item.key) : std::nullopt;
    if (!i) return;
    const std::string text = node->page->value(*i);
    const Expires expires = node->page->expires(*i);
    const bool isTaken = tree.has(item.key);
    if (isTaken)  // two documents for one key: the one that is found stays, the other is kept aside
      store_.quarantine(store_.fileOf(state.recordOf(item.digits)), RecordStore::Aside::Copy);
    tree.removeFrom(item.digits, item.key);
    if (!isTaken) tree.put(item.key, text, expires);
  }

  // --- files that nothing led to ---

  void visitFile(const std::string& file) {
    if (file.starts_with(".hexpage/conflicts/")) return conflict(file);
    if (seen_.contains(file) || file.starts_with(".hexpage/")) return;
    if (file.starts_with("_temp/")) return note(file, "a temporary file of Node");
    if (file.starts_with("_transactions/"))
      return isNodeLog(file) ? void() : note(file, "a file of Node's transactions");
    if (!file.ends_with(".json")) return note(file, "a binary record, which hexpage leaves alone");
    ++report_.files;
    std::string text;
    try {
      text = store_.readFile(file);
      JsonScanner scanner(text);
      scanner.value();
      scanner.end();
    } catch (const std::exception& e) {
      return quarantineStray(file, e.what());
    }
    if (store_.tellsPaths() && isNodeText(text))
      return quarantineStray(file, "a page that no index leads to");
    unknown_.push_back(file);
  }

  // One note for all of them: a store that Node wrote has thousands.
  void noteUnknown() {
    if (unknown_.empty()) return;
    const std::size_t others = unknown_.size() - 1;
    const std::string other = counted(others, "other file");
    if (store_.tellsPaths())
      return note(unknown_.front(), "no path of a hash or record leads here" +
                                        (others ? ", nor to " + other : "") + "; left alone");
    const std::string also = others ? (others > 1 ? ", as are " : ", as is ") + other : "";
    note(unknown_.front(), "of a hash or record whose path is not known" + also +
                               "; `hexpage adopt PATH` makes a path known");
  }

  void noteUnsealed() {
    if (unsealed_.empty()) return;
    const std::size_t others = unsealed_.size() - 1;
    note(unsealed_.front(), "without a checksum" +
                                (others ? ", as " + counted(others, "other file") : "") +
                                "; hexpage gives it one when it writes it");
  }

  void conflict(const std::string& file) {
    report_.findings.push_back(
        {Severity::Error, file,
         "what another program wrote over a file that was about to be changed here; take from it "
         "what is missing in the store and delete it",
         ""});
  }

  void quarantineStray(const std::string& file, const std::string& reason) {
    error(file, reason, "moved into quarantine");
    if (mending_ == Mending::Do) store_.quarantine(file, RecordStore::Aside::Move);
  }

  RecordStore& store_;
  const Style style_;
  Report& report_;
  const Mending mending_;
  std::set<std::string> seen_;         // files
  std::set<std::string> headless_;     // paths of hashes
  std::set<std::string> told_;         // of these, whose header has a finding already
  std::vector<std::string> unknown_;   // files that tell no path
  std::vector<std::string> unsealed_;  // files without a checksum, in a store that keeps some
  std::set<std::string> accepted_;     // files that are still to be met
};

}  // namespace

void inspect(RecordStore& store, Style style, Report& report, Mending mending,
             std::span<const std::string> accepted) {
  Inspector(store, style, report, mending, accepted).run();
}

}  // namespace hexpage
