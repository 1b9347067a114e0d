// each, keys, all: everything in a hash, streamed.
#include <algorithm>
#include <hexpage/json_text.hpp>
#include <utility>

#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/exit_code.hpp"

namespace hexpage::cli {
namespace {

bool hasControls(const std::string& key) {
  return std::any_of(key.begin(), key.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// Calls visit(key, text) with each item. A hash that is not there is an error, no empty output.
template <class Visit>
void eachItem(Program& program, const std::string& hash, Visit visit) {
  Storage storage = program.openToRead();
  storage.hashGetInfo(hash);
  storage.hashEachText(hash, visit);
}

void addEach(Commands& commands) {
  Command command(commands, "each", kItemGroup, "Print each item as a line of JSON");
  const auto& hash = command.hashArgument();
  command.examples(
      "  hexpage each users               # {\"key\":\"ann\",\"value\":{...}} and so on\n"
      "  hexpage each users | jq -r 'select(.value.age > 40) | .key'");
  command.runs([&](Program& program) {
    eachItem(program, hash, [&](const std::string& key, const std::string& text) {
      program.out.line(itemLine(key, text));
    });
    return kDone;
  });
}

void addKeys(Commands& commands) {
  Command command(commands, "keys", kItemGroup, "Print the keys of a hash");
  const auto& hash = command.hashArgument();
  const auto& isJson = command.flag("--json", "each key as a JSON string");
  command.examples(
      "  hexpage keys users               # a key with control characters comes as a JSON string\n"
      "  hexpage keys users --json        # unambiguous, whatever the keys are");
  command.runs([&](Program& program) {
    eachItem(program, hash, [&](const std::string& key, const std::string&) {
      program.out.line(isJson || hasControls(key) ? jsonString(key) : key);
    });
    return kDone;
  });
}

// An object of everything, item by item: indented for people, compact for programs.
void writeObject(Program& program, const std::string& hash) {
  const bool isIndented = program.outTerminal.isTerminal;
  bool isFirst = true;
  eachItem(program, hash, [&](const std::string& key, const std::string& text) {
    program.out.write(std::exchange(isFirst, false) ? "{" : ",");
    if (isIndented)
      program.out.write("\n\t" + jsonString(key) + ": " + indented(text, 1));
    else
      program.out.write(jsonString(key) + ":" + minified(text));
  });
  if (isFirst)
    program.out.line("{}");
  else
    program.out.line(isIndented ? "\n}" : "}");
}

void addAll(Commands& commands) {
  Command command(commands, "all", kItemGroup, "Print everything as one JSON object");
  const auto& hash = command.hashArgument();
  command.examples("  hexpage all users | jq length");
  command.runs([&](Program& program) {
    writeObject(program, hash);
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
