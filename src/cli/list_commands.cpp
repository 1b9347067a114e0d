// each, keys, all: everything in a hash, streamed.
#include <algorithm>
#include <hexpage/json_text.hpp>
#include <utility>

#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/exit_code.hpp"

namespace hexpage::cli {
namespace {

constexpr const char* kHashHelp = "path of the hash";

bool hasControls(const std::string& key) {
  return std::any_of(key.begin(), key.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

void addEach(Commands& commands) {
  Command command(commands, "each", kItemGroup, "Print each item as a line of JSON");
  const auto& hash = command.argument("HASH", kHashHelp);
  command.examples(
      "  hexpage each users               # {\"key\":\"ann\",\"value\":{...}} and so on\n"
      "  hexpage each users | jq -r 'select(.value.age > 40) | .key'");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    storage.hashGetInfo(hash);  // a hash that is not there is an error, not an empty output
    storage.hashEachText(hash, [&](const std::string& key, const std::string& text) {
      program.out.line(itemLine(key, text));
    });
    return kDone;
  });
}

void addKeys(Commands& commands) {
  Command command(commands, "keys", kItemGroup, "Print the keys of a hash");
  const auto& hash = command.argument("HASH", kHashHelp);
  const auto& isJson = command.flag("--json", "each key as a JSON string");
  command.examples(
      "  hexpage keys users               # a key with control characters comes as a JSON string\n"
      "  hexpage keys users --json        # unambiguous, whatever the keys are");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    storage.hashGetInfo(hash);
    storage.hashEachText(hash, [&](const std::string& key, const std::string&) {
      program.out.line(isJson || hasControls(key) ? jsonString(key) : key);
    });
    return kDone;
  });
}

// An object of everything, item by item: indented for people, compact for programs.
void writeObject(Storage& storage, const std::string& hash, Program& program) {
  const bool isIndented = program.outTerminal.isTerminal;
  bool isFirst = true;
  program.out.write("{");
  storage.hashEachText(hash, [&](const std::string& key, const std::string& text) {
    if (!std::exchange(isFirst, false)) program.out.write(",");
    if (isIndented)
      program.out.write("\n\t" + jsonString(key) + ": " + indented(text, 1));
    else
      program.out.write(jsonString(key) + ":" + minified(text));
  });
  program.out.line(isIndented && !isFirst ? "\n}" : "}");
}

void addAll(Commands& commands) {
  Command command(commands, "all", kItemGroup, "Print everything as one JSON object");
  const auto& hash = command.argument("HASH", kHashHelp);
  command.examples("  hexpage all users | jq length");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    storage.hashGetInfo(hash);
    writeObject(storage, hash, program);
    return kDone;
  });
}

}  // namespace

void addListCommands(Commands& commands) {
  addEach(commands);
  addKeys(commands);
  addAll(commands);
}

}  // namespace hexpage::cli
