// One point: one or two files of a closed store are damaged, then everything is asked for. Each
// answer must be right, or an error Corrupt that names a damaged file, but for damage that nothing
// can tell, which is counted; hashes that the damaged
// files are no part of are whole (where each has its own files), and verify finds the damage.
#include <sys/xattr.h>

#include <algorithm>
#include <filesystem>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <set>
#include <stdexcept>

#include "child.hpp"
#include "contents.hpp"
#include "modes.hpp"
#include "mutation.hpp"
#include "tally.hpp"
#include "tests/support/files.hpp"
#include "worker.hpp"

namespace hexpage::torture {
namespace {

namespace fs = std::filesystem;
using hexpage::testing::Random;
using hexpage::testing::TempDir;

constexpr std::size_t kOperations = 40;
constexpr std::size_t kPointsPerStore = 200;

// A closed store, an earlier state of it, and what belongs in it.
class Original {
 public:
  Original(const Options& options, std::uint64_t seed)
      : config_(options.config(dir_.string() + "/made")),
        workload_(makeWorkload(seed, 0, kOperations)) {
    const auto failure = runInChild(kChildLimit, [&] {
      runUpTo(0, kOperations / 2);
      copyTree(made(), old());
      runUpTo(kOperations / 2, workload_.operations.size());
      // A copy is recovered as after a crash of the machine. From here on no journal has anything
      // that could be put in the place of what is damaged.
      copyTree(made(), path());
      Storage::open(options.config(path().string())).sync();
    });
    if (failure) throw std::runtime_error("making the store: " + *failure);
  }

  fs::path path() const { return dir_.path() / "store"; }
  fs::path made() const { return dir_.path() / "made"; }
  fs::path old() const { return dir_.path() / "old"; }
  // Not where they are off, or the file system can hold none.
  bool hasChecksums() const {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path()))
      if (::getxattr(entry.path().c_str(), "user.hexpage", nullptr, 0) > 0) return true;
    return false;
  }
  Contents contents() const { return workload_.after(workload_.operations.size()); }

 private:
  void runUpTo(std::size_t first, std::size_t last) {
    Progress progress;
    Storage storage = Storage::open(config_);
    work(storage, workload_, first, last, progress);
  }

  TempDir dir_;
  Json config_;
  Workload workload_;
};

struct Answers {
  std::uint32_t right = 0;
  std::uint32_t corrupt = 0;
  std::uint32_t silent = 0;  // wrong without an error
  char firstSilent[300] = {};

  void wrong(const std::string& what) {
    if (++silent == 1) std::snprintf(firstSilent, sizeof firstSilent, "%s", what.c_str());
  }
};

bool isOfStore(const std::string& file) { return file.starts_with(".hexpage/"); }

// Asks a damaged store for everything.
class Inquiry {
 public:
  Inquiry(Json config, const Mutation& mutation, const Contents& expected, Answers& answers)
      : config_(std::move(config)), mutation_(mutation), expected_(expected), answers_(answers) {}

  void run() {
    std::optional<Storage> storage;
    if (!ask("open", [&] { storage.emplace(Storage::open(config_)); })) {
      if (hasFilePerHash() && !isOfStore(mutation_.files[0]) && !isOfStore(mutation_.files.back()))
        throw std::runtime_error("a damaged page or record keeps the whole store shut");
      return;
    }
    for (const auto& [path, documents] : expected_.hashes) askHash(*storage, path, documents);
    for (const auto& [path, text] : expected_.records)
      ask(path, [&] { expect(path, storage->find(path).value_or(Json()).dump(), text); });
    if (hasFilePerHash() && suffering_.size() > mutation_.files.size())
      throw std::runtime_error("other hashes suffer: " + *suffering_.begin() + " and " +
                               *suffering_.rbegin());
    askList(*storage);
    ask("verify", [&] {
      if (answers_.corrupt + answers_.silent != 0 && storage->verify().clean())
        answers_.wrong("verify finds nothing");
    });
  }

 private:
  void askHash(Storage& storage, const std::string& path, const Documents& documents) {
    for (const auto& [key, text] : documents)
      ask(path, [&] {
        const auto found = storage.hashFindText(path, key);
        expect(path + ": " + key, found ? compacted(*found) : "nothing", text);
      });
    ask(path, [&] {
      Documents all;
      storage.hashEachText(path, [&](const std::string& key, const std::string& text) {
        if (!all.emplace(key, compacted(text)).second) answers_.wrong(path + ": twice: " + key);
      });
      if (all == documents)
        ++answers_.right;
      else
        answers_.wrong(path + ": an iteration gives other items");
    });
    ask(path, [&] {
      expect(path + ": length", std::to_string(storage.hashGetInfo(path).length),
             std::to_string(documents.size()));
    });
  }

  void askList(Storage& storage) {
    ask("hashes", [&] {
      std::set<std::string> listed;
      for (const HashInfo& info : storage.hashes()) listed.insert(info.path);
      std::set<std::string> all;
      for (const auto& [path, documents] : expected_.hashes) all.insert(path);
      if (listed == all)
        ++answers_.right;
      else
        answers_.wrong("the list of hashes is another");
    });
  }

  static std::string compacted(const std::string& text) { return Json::parse(text).dump(); }

  void expect(const std::string& what, const std::string& found, const std::string& expected) {
    if (found == expected)
      ++answers_.right;
    else
      answers_.wrong(what + " is " + found.substr(0, 80));
  }

  bool hasFilePerHash() const { return config_.at("backend") == "filesystem"; }

  // False when it ends in an error, which must tell of the damage. A missing hash or record is a
  // wrong answer, not an error.
  bool ask(const std::string& what, const std::function<void()>& question) {
    const std::uint32_t silentBefore = answers_.silent;
    try {
      question();
      if (answers_.silent != silentBefore) suffering_.insert(what);
      return true;
    } catch (const Error& e) {
      suffering_.insert(what);
      if (e.code() == Code::NoSuchKey) {
        answers_.wrong(what + " is not there");
      } else {
        ++answers_.corrupt;
        if (!isTold(e))
          throw std::runtime_error(what + " ends in " + std::string(name(e.code())) + ": " +
                                   e.what());
      }
      return false;
    }
  }

  // It must be Corrupt and name a damaged file. A damaged number of a format is taken for that of a
  // later one.
  bool isTold(const Error& e) const {
    const bool isLater = e.code() == Code::InvalidArgument &&
                         std::string_view(e.what()).find("newer hexpage") != std::string_view::npos;
    return (e.code() == Code::Corrupt || isLater) && namesFile(e.what());
  }

  bool namesFile(const std::string& message) const {
    return std::any_of(
        mutation_.files.begin(), mutation_.files.end(),
        [&](const std::string& file) { return message.find(file) != std::string::npos; });
  }

  Json config_;
  const Mutation& mutation_;
  const Contents& expected_;
  Answers& answers_;
  std::set<std::string> suffering_;  // paths with a wrong answer or an error
};

// Whether a file of the store's, as it was, is a plain record.
bool isPlainRecord(const fs::path& file) {
  const Json record = Json::parse(hexpage::testing::readFile(file), nullptr, false);
  const std::string type = record.is_object() ? record.value("type", "") : "";
  return !record.is_discarded() && !type.starts_with("hash");
}

// What no checksum of a file can tell: that it is an old one, with the attribute of then; that a
// plain record is gone, for nothing leads to it; that a file without an attribute did not come from
// another program; and, where file names do not tell paths, which ones there should be.
bool isBeyondTelling(const Mutation& mutation, const fs::path& store) {
  const std::string& file = mutation.files.front();
  if (file == ".hexpage/paths" || mutation.files.back() == ".hexpage/paths") return true;
  if (mutation.kind == "an old version put back") return true;
  if (mutation.kind == "deleted") return !isOfStore(file) && isPlainRecord(store / file);
  return isOfStore(file) != isOfStore(mutation.files.back());
}

void tryMutation(const Options& options, const Original& original, std::uint64_t seed,
                 std::size_t number, Tally& tally) {
  Random random(seed * 10'000 + number);
  const TempDir dir;
  const fs::path store = dir.path() / "store";
  copyTree(original.path(), store);
  const Mutation mutation = mutate(store, original.old(), random);
  const auto answers = makeShared<Answers>();
  const Contents expected = original.contents();
  auto failure = runInChild(kChildLimit, [&] {
    Inquiry(options.config(store.string()), mutation, expected, *answers).run();
  });
  tally.point();
  tally.count("answers right", answers->right);
  tally.count("answers Corrupt", answers->corrupt);
  tally.count("stores with silent wrong answers", answers->silent != 0 ? 1 : 0);
  tally.count("of these such that nothing can tell",
              answers->silent != 0 && isBeyondTelling(mutation, original.path()) ? 1 : 0);
  const bool isToTell = !options.isSilenceAllowed && original.hasChecksums() &&
                        !isBeyondTelling(mutation, original.path());
  if (!failure && answers->silent != 0 && isToTell)
    failure = std::to_string(answers->silent) +
              " silent wrong answers, the first: " + answers->firstSilent;
  if (failure)
    tally.failure(mutation.kind, mutation.describe() + ": " + *failure,
                  options.flags(seed) + " --point " + std::to_string(number));
}

}  // namespace

int runCorrupt(const Options& given) {
  Tally tally(given);
  for (std::uint64_t seed = given.seed; tally.goesOn(); ++seed) {
    const Options options = given.forRound(seed);
    const Original original(options, seed);
    const std::size_t first = options.point == 0 ? 1 : options.point;
    const std::size_t last = options.point == 0 ? kPointsPerStore : options.point;
    for (std::size_t n = first; n <= last && tally.goesOn(); ++n)
      tryMutation(options, original, seed, n, tally);
    if (options.point != 0) break;
  }
  return tally.finish();
}

}  // namespace hexpage::torture
