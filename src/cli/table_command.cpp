// table: the administrative calls of Kamailio's htable, by their names.
#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/table_calls.hpp"

namespace hexpage::cli {
namespace {

constexpr const char* kTableHelp = "path of the hash";
constexpr const char* kSecondsHelp = "whole seconds from now; 0 or less: never";

// Runs call(calls) on the store of the command line.
template <class Call>
int calling(Program& program, Storage storage, Call call) {
  const Json config = effectiveConfig(program.options);
  TableCalls calls(storage, config);
  call(calls);
  return kDone;
}

void addListTables(Command& table) {
  Command command = table.part("listTables", "Print what each table is, a line of JSON each");
  command.examples("  hexpage table listTables");
  command.runs([](Program& program) {
    return calling(program, program.openToRead(), [&](TableCalls& calls) {
      for (const std::string& line : calls.listTables()) program.out.line(line);
    });
  });
}

void addStats(Command& table) {
  Command command = table.part("stats", "Print how a table's items lie in pages or shards");
  const auto& name = command.argument("TABLE", kTableHelp);
  command.examples("  hexpage table stats ipban");
  command.runs([&](Program& program) {
    return calling(program, program.openToRead(),
                   [&](TableCalls& calls) { program.out.line(calls.stats(name)); });
  });
}

void addGet(Command& table) {
  Command command = table.part("get", "Print an item, its kind and when it expires");
  const auto& name = command.argument("TABLE", kTableHelp);
  const auto& key = command.argument("KEY", "key of the item");
  command.examples("  hexpage table get ipban 192.0.2.7");
  command.runs([&](Program& program) {
    return calling(program, program.openToRead(),
                   [&](TableCalls& calls) { program.out.line(calls.get(name, key)); });
  });
}

using Set = void (TableCalls::*)(const std::string& table, const std::string& key,
                                 const std::string& value);
using SetFor = void (TableCalls::*)(const std::string& table, const std::string& key,
                                    const std::string& value, const std::string& seconds);

void addSet(Command& table, const std::string& call, const std::string& summary,
            const std::string& help, const std::string& example, Set set) {
  Command command = table.part(call, summary);
  const auto& name = command.argument("TABLE", kTableHelp);
  const auto& key = command.argument("KEY", "key of the item");
  const auto& value = command.argument(call == "setex" ? "SECONDS" : "VALUE", help);
  command.examples("  hexpage table " + call + " " + example);
  command.runs([&name, &key, &value, set](Program& program) {
    return calling(program, program.openToChange(),
                   [&](TableCalls& calls) { (calls.*set)(name, key, value); });
  });
}

void addSetFor(Command& table, const std::string& call, const std::string& summary,
               const std::string& help, const std::string& example, SetFor set) {
  Command command = table.part(call, summary);
  const auto& name = command.argument("TABLE", kTableHelp);
  const auto& key = command.argument("KEY", "key of the item");
  const auto& value = command.argument("VALUE", help);
  const auto& seconds = command.argument("SECONDS", kSecondsHelp);
  command.examples("  hexpage table " + call + " " + example);
  command.runs([&name, &key, &value, &seconds, set](Program& program) {
    return calling(program, program.openToChange(),
                   [&](TableCalls& calls) { (calls.*set)(name, key, value, seconds); });
  });
}

void addDelete(Command& table) {
  Command command = table.part("delete", "Remove an item");
  const auto& name = command.argument("TABLE", kTableHelp);
  const auto& key = command.argument("KEY", "key of the item");
  command.examples("  hexpage table delete ipban 192.0.2.7");
  command.runs([&](Program& program) {
    return calling(program, program.openToChange(),
                   [&](TableCalls& calls) { calls.remove(name, key); });
  });
}

// A chunk of items is in memory at a time, however large the table is.
void addDump(Command& table) {
  Command command = table.part("dump", "Print each item as a line of JSON, however many there are");
  const auto& name = command.argument("TABLE", kTableHelp);
  command.examples("  hexpage table dump ipban | jq -r .name");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    storage.hashGetInfo(name);
    storage.hashEachText(name, [&](const std::string& key, const std::string& text) {
      program.out.line(dumpedItem(key, text));
    });
    return kDone;
  });
}

void addFlush(Command& table) {
  Command command = table.part("flush", "Remove all items of a table");
  const auto& name = command.argument("TABLE", kTableHelp);
  command.examples("  hexpage table flush ipban");
  command.runs([&](Program& program) {
    return calling(program, program.openToChange(), [&](TableCalls& calls) { calls.flush(name); });
  });
}

using Transfer = DatabaseTransfer (TableCalls::*)(const std::string& table);

void addTransfer(Command& table, const std::string& call, const std::string& done,
                 const std::string& summary, Transfer transfer) {
  Command command = table.part(call, summary);
  const auto& name = command.argument("TABLE", kTableHelp);
  command.examples("  hexpage table " + call + " ipban --config kept.json    # with \"databases\"");
  command.runs([&name, done, transfer](Program& program) {
    return calling(program, program.openToChange(), [&](TableCalls& calls) {
      program.say(done + " " + counted((calls.*transfer)(name).items, "item"));
    });
  });
}

}  // namespace

void addTableCommands(Commands& commands) {
  Command table(commands, "table", kHashGroup, "The calls of Kamailio's htable, by their names");
  addListTables(table);
  addStats(table);
  addGet(table);
  addSet(table, "sets", "Store a string", "the string", "ipban 192.0.2.7 blocked",
         &TableCalls::sets);
  addSet(table, "seti", "Store an integer", "the integer, of 64 bits", "calls ann 41",
         &TableCalls::seti);
  addSet(table, "setex", "Let an item expire", kSecondsHelp, "ipban 192.0.2.7 300",
         &TableCalls::setex);
  addSetFor(table, "setxs", "Store a string that expires", "the string",
            "ipban 192.0.2.7 blocked 300", &TableCalls::setxs);
  addSetFor(table, "setxi", "Store an integer that expires", "the integer, of 64 bits",
            "calls ann 41 60", &TableCalls::setxi);
  addDelete(table);
  addDump(table);
  addFlush(table);
  addTransfer(table, "reload", "reloaded", "Make a table hold what its database has",
              &TableCalls::reload);
  addTransfer(table, "store", "stored", "Make a table's database hold what the table has",
              &TableCalls::store);
}

}  // namespace hexpage::cli
