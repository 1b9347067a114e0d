// watch: what changes in a store, whichever process changes it.
#include "src/cli/change_line.hpp"
#include "src/cli/command.hpp"
#include "src/cli/duration.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/stop.hpp"
#include "src/cli/watcher.hpp"

namespace hexpage::cli {
namespace {

// A signal that comes right before a wait is heeded after it.
constexpr Millis kLongestWait{250};

[[noreturn]] void follow(Program& program, Follower& follower) {
  for (;;) {
    throwIfStopped();
    program.out.requireReader();
    follower.next([&](const ChangeEvent& event) { program.out.line(changeLine(event)); },
                  kLongestWait);
    program.out.flush();
  }
}

[[noreturn]] void lookAgainAndAgain(Program& program, Watcher& watcher, Millis rest) {
  for (;;) {
    restFor(rest);
    watcher.look();
    program.out.flush();
    program.out.requireReader();
  }
}

}  // namespace

void addWatchCommand(Commands& commands) {
  Command command(commands, "watch", kLookGroup, "Print what changes, as lines of JSON");
  const auto& prefix = command.optionalArgument("PREFIX", "only paths that begin with it");
  const auto& looks = command.flag("--looks", "compare the whole store again and again");
  const auto& interval = command.option("--interval", "TIME", "between two looks; 1s unless given");
  command.examples(
      "  hexpage watch users              # "
      "{\"change\":\"put\",\"path\":\"users\",\"key\":\"ann\",...}\n"
      "  hexpage watch | jq -r 'select(.change==\"delete\").key'\n"
      "  hexpage watch --looks --interval 5s     # what Node and editors change, too\n"
      "\n"
      "Tells every change that hexpage makes, in whatever process, at once, those of a hash in\n"
      "their order and each once: create, put, delete, expire, clear, drop, rename (\"from\"),\n"
      "replace (a copy, a reload), put_record, erase_record. {\"change\":\"missed\"} says that "
      "some\n"
      "could not be told.\n"
      "\n"
      "With --looks, and for a store that can not be followed, it looks at everything each time\n"
      "and prints what differs, whoever changed it: what happens between two looks comes as one\n"
      "change, in no promised order; what was undone in between does not come; what expired is a\n"
      "delete.");
  command.runs([&](Program& program) {
    const Millis rest = parseDuration(interval.value_or("1s"), "interval");
    Storage storage = program.openToRead();
    auto follower = looks ? std::nullopt : storage.follow(prefix);
    std::optional<Watcher> watcher;
    if (!follower) watcher.emplace(storage, prefix, program.out);
    stopAtSafePoints();
    if (watcher) watcher->look();
    program.say("watching " + (prefix.empty() ? "everything" : prefix));
    if (follower) follow(program, *follower);
    lookAgainAndAgain(program, *watcher, rest);
    return kDone;
  });
}

}  // namespace hexpage::cli
