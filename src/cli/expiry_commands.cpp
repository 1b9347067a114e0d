// expire, persist, ttl, sweep: when documents expire, and the removal of those that have.
#include <hexpage/error.hpp>

#include "src/cli/command.hpp"
#include "src/cli/duration.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"

namespace hexpage::cli {
namespace {

void addExpire(Commands& commands) {
  Command command(commands, "expire", kItemGroup, "Let a document expire in a while from now");
  const auto& hash = command.hashArgument();
  const auto& key = command.keyArgument();
  const auto& ttl = command.argument("TTL", "500ms, 30s, 5m, 2h, 7d; a bare number is of ms");
  command.examples("  hexpage expire sessions s1 30m");
  command.runs([&](Program& program) {
    const Millis time = parseDuration(ttl);
    program.openToChange().hashExpire(hash, key, time);
    return kDone;
  });
}

void addPersist(Commands& commands) {
  Command command(commands, "persist", kItemGroup, "Let a document never expire");
  const auto& hash = command.hashArgument();
  const auto& key = command.keyArgument();
  command.examples("  hexpage persist sessions s1");
  command.runs([&](Program& program) {
    program.openToChange().hashPersist(hash, key);
    return kDone;
  });
}

void addTtl(Commands& commands) {
  Command command(commands, "ttl", kItemGroup,
                  "Print how many milliseconds a document has left, or never");
  const auto& hash = command.hashArgument();
  const auto& key = command.keyArgument();
  command.examples("  hexpage ttl sessions s1          # 1799312");
  command.runs([&](Program& program) {
    const auto left = program.openToRead().hashTimeToLive(hash, key);
    program.out.line(left ? std::to_string(left->count()) : "never");
    return kDone;
  });
}

void addSweep(Commands& commands) {
  Command command(commands, "sweep", kHashGroup, "Remove what has expired");
  const auto& hash = command.optionalArgument("HASH", "of this hash only; else of all");
  command.examples(
      "  hexpage sweep sessions\n"
      "  hexpage sweep                    # all hashes");
  command.runs([&](Program& program) {
    Storage storage = program.openToChange();
    std::size_t removed = 0;
    if (!hash.empty())
      removed = storage.hashSweep(storage.hashGetInfo(hash).path);
    else
      for (const HashInfo& info : storage.hashes()) removed += storage.hashSweep(info.path);
    program.say("removed " + counted(removed, "expired document"));
    return kDone;
  });
}

}  // namespace

void addExpiryCommands(Commands& commands) {
  addExpire(commands);
  addPersist(commands);
  addTtl(commands);
  addSweep(commands);
}

}  // namespace hexpage::cli
