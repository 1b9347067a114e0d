// watch: what changes in a store, as it is seen from outside.
#include "src/cli/command.hpp"
#include "src/cli/duration.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/stop.hpp"
#include "src/cli/watcher.hpp"

namespace hexpage::cli {

void addWatchCommand(Commands& commands) {
  Command command(commands, "watch", kLookGroup, "Print what changes, as lines of JSON");
  const auto& prefix = command.optionalArgument("PREFIX", "only paths that begin with it");
  const auto& interval = command.option("--interval", "TIME", "between two looks; 1s unless given");
  command.examples(
      "  hexpage watch users              # "
      "{\"change\":\"put\",\"path\":\"users\",\"key\":\"ann\",...}\n"
      "  hexpage watch --interval 100ms | jq -r 'select(.change==\"delete\").key'\n"
      "\n"
      "It looks at everything again and again and prints what differs, whoever changed it:\n"
      "other processes, Node, an editor. What happens between two looks comes as one change, in\n"
      "no promised order; what was undone in between does not come; what expired is a delete.");
  command.runs([&](Program& program) {
    const Millis rest = parseDuration(interval.value_or("1s"));
    Storage storage = program.openToRead();
    Watcher watcher(storage, prefix, program.out);
    stopAtSafePoints();
    watcher.look();
    program.say("watching " + (prefix.empty() ? "everything" : prefix));
    for (;;) {
      restFor(rest);
      watcher.look();
      program.out.flush();
    }
    return kDone;
  });
}

}  // namespace hexpage::cli
