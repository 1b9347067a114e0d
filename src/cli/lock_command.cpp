// lock: runs a command while it holds a lock.
#include <hexpage/error.hpp>
#include <hexpage/storage.hpp>
#include <hexpage/transaction.hpp>

#include "src/cli/child.hpp"
#include "src/cli/command.hpp"
#include "src/cli/duration.hpp"
#include "src/cli/refuse.hpp"
#include "src/cli/wait_notice.hpp"

namespace hexpage::cli {
namespace {

// What the command line says.
struct LockWords {
  const std::string& name;                  // or the hash of the item
  const std::vector<std::string>& command;  // behind the item's key
  const bool& isItem;
  const bool& isShared;
  const bool& isTried;
  const std::optional<std::string>& timeout;
};

std::optional<Millis> timeoutOf(const LockWords& words) {
  if (words.isTried && words.timeout) refuse("--try does not wait, so it has no --timeout");
  if (words.isTried) return Millis(0);
  if (words.timeout) return parseDuration(*words.timeout, "timeout");
  return std::nullopt;
}

// Without the key, and without the dashes where the first ones stood before a name.
std::vector<std::string> commandOf(const LockWords& words) {
  auto begin = words.command.begin() + (words.isItem ? 1 : 0);
  if (begin != words.command.end() && *begin == "--") ++begin;
  std::vector<std::string> command(begin, words.command.end());
  if (command.empty()) refuse("a command to run is missing");
  return command;
}

// Locks of a store that is open to read only reach no other process, so nobody would be kept out.
void refuseReadOnly(Storage& storage) { storage.begin({"hexpage-lock"}).rollback(); }

Lock taken(Storage& storage, const LockWords& words, std::optional<Millis> timeout) {
  if (words.isItem) return storage.lockItem(words.name, words.command.front(), timeout);
  return storage.lock(words.name, words.isShared ? LockMode::Shared : LockMode::Exclusive, timeout);
}

Lock awaited(Program& program, Storage& storage, const LockWords& words,
             std::optional<Millis> timeout) {
  const WaitNotice notice(
      [&] { return "waiting for the lock " + words.name + "; hexpage locks tells who has it"; },
      [&](const std::string& reason) { program.say(printable(reason)); });
  return taken(storage, words, timeout);
}

int runLocked(Program& program, const LockWords& words) {
  if (words.isItem && words.isShared) refuse("the lock of an item is never --shared");
  const auto timeout = timeoutOf(words);
  const std::vector<std::string> command = commandOf(words);
  Storage storage = program.openToRead();
  refuseReadOnly(storage);
  const Lock held = awaited(program, storage, words, timeout);
  return runChild(command);
}

}  // namespace

void addLockCommand(Commands& commands) {
  Command command(commands, "lock", kOtherGroup, "Run a command while holding a lock");
  const auto& name = command.argument("NAME", "the lock's name; with --item the path of a hash");
  const auto& run = command.arguments("COMMAND", "what to run; with --item the item's key first");
  const auto& isItem = command.flag("--item", "the lock of one item, which need not be there");
  const auto& isShared = command.flag("--shared", "beside others that are shared");
  const auto& isTried = command.flag("--try", "do not wait when somebody else has it");
  const auto& timeout =
      command.option("--timeout", "TIME", "how long to wait; else the config's lock_timeout");
  command.examples(
      "  hexpage lock nightly -- ./report.sh --all\n"
      "  hexpage lock nightly --try -- ./report.sh      # exit code 5 when another one runs\n"
      "  hexpage lock --item users ann --timeout 5s -- ./move-user ann\n"
      "Only who asks for the same lock waits. It is free when the command has ended, whose exit\n"
      "code is that of hexpage, or 128 + n after signal n. SIGINT, SIGTERM, SIGHUP and SIGQUIT\n"
      "are passed on to it; should hexpage be killed, it gets SIGTERM.");
  command.runs([&](Program& program) {
    return runLocked(program, {name, run, isItem, isShared, isTried, timeout});
  });
}

}  // namespace hexpage::cli
