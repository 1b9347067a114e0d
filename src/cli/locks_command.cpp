// locks: which process holds what, and which waits.
#include <algorithm>
#include <chrono>
#include <hexpage/json_text.hpp>
#include <tuple>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/table.hpp"

namespace hexpage::cli {
namespace {

bool isSilent(const LockEntry& lock) { return lock.name.empty(); }

std::string modeWord(const LockEntry& lock) {
  return lock.mode == LockMode::Exclusive ? "exclusive" : "shared";
}

std::string kindWord(const LockEntry& lock) {
  return lock.space == LockSpace::User ? "name" : "hash";
}

std::vector<std::string> row(const LockEntry& lock) {
  const std::string process = std::to_string(lock.process);
  if (isSilent(lock)) return {process, "", "(does not answer; is it stopped?)", "", "", ""};
  return {process,
          lock.owner == 0 ? "" : std::to_string(lock.owner),
          printable(lock.name),
          kindWord(lock) + ", " + modeWord(lock),
          lock.isWaiting ? "waits" : "holds",
          durationText(lock.since)};
}

std::string jsonLine(const LockEntry& lock) {
  Json json = {{"process", lock.process}};
  json["answers"] = !isSilent(lock);
  if (!isSilent(lock)) {
    json["kind"] = kindWord(lock);
    json["name"] = lock.name;
    json["mode"] = modeWord(lock);
    json["waits"] = lock.isWaiting;
    json["ms"] = lock.since.count();
    if (lock.owner != 0) json["transaction"] = lock.owner;
  }
  return toText(json);
}

// What belongs together stands together: holders before those that wait for them.
bool comesBefore(const LockEntry& a, const LockEntry& b) {
  const auto rank = [](const LockEntry& lock) {
    return std::tuple(lock.space, std::string_view(lock.name), lock.isWaiting, -lock.since.count());
  };
  return rank(a) < rank(b);
}

void print(const std::vector<LockEntry>& locks, bool isJson, Program& program) {
  if (isJson) {
    for (const LockEntry& lock : locks) program.out.line(jsonLine(lock));
    return;
  }
  if (locks.empty()) {
    program.say("nobody holds a lock");
    return;
  }
  Table table({{"process", Align::Right},
               {"transaction", Align::Right},
               {"path or name"},
               {"kind"},
               {""},
               {"for", Align::Right}});
  for (const LockEntry& lock : locks) table.add(row(lock));
  program.out.write(table.text(program.outTerminal));
}

}  // namespace

void addLocksCommand(Commands& commands) {
  Command command(commands, "locks", kLookGroup, "Print who holds which lock and who waits");
  const auto& isJson = command.flag("--json", "a line of JSON for each lock");
  command.examples(
      "  hexpage locks                    # of all processes that have the store open");
  command.runs([&](Program& program) {
    std::vector<LockEntry> locks = program.openToRead().locks();
    std::sort(locks.begin(), locks.end(), comesBefore);
    print(locks, isJson, program);
    return kDone;
  });
}

}  // namespace hexpage::cli
