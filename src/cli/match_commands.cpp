// match, count, delete-matching: the items that pass a test of their key or value.
#include <hexpage/json_text.hpp>

#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/match_words.hpp"

namespace hexpage::cli {
namespace {

// The words of a command that make its Match.
class MatchWords {
 public:
  explicit MatchWords(Command& command)
      : hash(command.argument("HASH", "path of the hash")),
        test_(command.argument(
            "TEST", "all, equals, not-equals, prefix, suffix, contains, regex or integer")),
        pattern_(command.optionalArgument("PATTERN", "what the test compares with")),
        isOnValue_(command.flag("--value", "test the values, not the keys")),
        member_(command.option("--member", "PATH", "test this member of the values")),
        ignoresCase_(command.flag("--ignore-case", "of a regex")),
        isByLine_(command.flag("--by-line", "of a regex: ^ and $ match at line ends")) {}

  Match match() const {
    Match match;
    match.on = isOnValue_ || member_ ? MatchOn::Value : MatchOn::Key;
    match.by = matchBy(test_);
    match.pattern = pattern_;
    match.member = member_.value_or("");
    match.ignoreCase = ignoresCase_;
    match.byLine = isByLine_;
    return match;
  }

  const std::string& hash;

 private:
  const std::string& test_;
  const std::string& pattern_;
  const bool& isOnValue_;
  const std::optional<std::string>& member_;
  const bool& ignoresCase_;
  const bool& isByLine_;
};

void addMatch(Commands& commands) {
  Command command(commands, "match", kItemGroup, "Print the items that pass a test");
  const MatchWords words(command);
  command.examples(
      "  hexpage match users prefix an    # keys that begin with \"an\", as lines of JSON\n"
      "  hexpage match users equals Oslo --member address.city\n"
      "  hexpage match users regex '^(dr|prof)' --value --ignore-case");
  command.runs([words](Program& program) {
    Storage storage = program.openToRead();
    storage.hashGetInfo(words.hash);  // a hash that is not there is an error with its name
    bool isAny = false;
    storage.hashMatchText(words.hash, words.match(),
                          [&](const std::string& key, const std::string& text) {
                            isAny = true;
                            program.out.line(itemLine(key, text));
                          });
    return isAny ? kDone : kNotThere;
  });
}

void addCount(Commands& commands) {
  Command command(commands, "count", kItemGroup, "Count the items that pass a test");
  const MatchWords words(command);
  command.examples(
      "  hexpage count users all\n"
      "  hexpage count users integer 41 --member age");
  command.runs([words](Program& program) {
    Storage storage = program.openToRead();
    storage.hashGetInfo(words.hash);
    program.out.line(std::to_string(storage.hashCount(words.hash, words.match())));
    return kDone;
  });
}

void addDeleteMatching(Commands& commands) {
  Command command(commands, "delete-matching", kItemGroup, "Delete the items that pass a test");
  const MatchWords words(command);
  command.examples("  hexpage delete-matching sessions prefix guest-");
  command.runs([words](Program& program) {
    Storage storage = program.openToChange();
    storage.hashGetInfo(words.hash);
    const std::size_t removed = storage.hashDeleteMatching(words.hash, words.match());
    program.say("removed " + counted(removed, "document"));
    return removed > 0 ? kDone : kNotThere;
  });
}

}  // namespace

void addMatchCommands(Commands& commands) {
  addMatch(commands);
  addCount(commands);
  addDeleteMatching(commands);
}

}  // namespace hexpage::cli
