// create, info, ls, copy, rename, clear, drop, page-size: hashes as wholes.
#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <hexpage/migrate.hpp>

#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/stored_path.hpp"
#include "src/cli/table.hpp"

namespace hexpage::cli {
namespace {

void addCreate(Commands& commands) {
  Command command(commands, "create", kHashGroup, "Make an empty hash; leaves an existing one");
  const auto& hash = command.hashArgument();
  const auto& json =
      command.optionalArgument("JSON", "members of its header, page_size among them");
  const auto& pageSize = command.number("--page-size", "items in a page before it splits");
  command.examples(
      "  hexpage create users --page-size 100\n"
      "  hexpage create users '{\"page_size\":100,\"owner\":\"hr\"}'");
  command.runs([&](Program& program) {
    Json options = json.empty() ? Json::object() : parseJson(documentFrom(json));
    if (!options.is_object())
      throw Error(Code::InvalidArgument, "the header's members must be a JSON object");
    if (pageSize) options["page_size"] = *pageSize;
    Storage storage = program.openToWrite();
    storage.hashCreate(hash, options);
    noteStoredPath(program, storage, hash);
    return kDone;
  });
}

void addInfo(Commands& commands) {
  Command command(commands, "info", kHashGroup, "Print a hash's length and options");
  const auto& hash = command.hashArgument();
  command.examples("  hexpage info users");
  command.runs([&](Program& program) {
    const HashInfo info = program.openToRead().hashGetInfo(hash);
    const std::string text = toText({{"path", info.path},
                                     {"length", info.length},
                                     {"page_size", info.pageSize},
                                     {"options", info.options}});
    program.out.line(program.outTerminal.isTerminal ? indented(text) : text);
    return kDone;
  });
}

std::string hashLine(const HashInfo& info) {
  if (!info.fault.empty()) return toText({{"path", info.path}, {"corrupt", info.fault}});
  return toText({{"path", info.path}, {"length", info.length}, {"page_size", info.pageSize}});
}

std::string hashTable(const std::vector<HashInfo>& hashes, const Terminal& terminal) {
  Table table({{"HASH"}, {"ITEMS", Align::Right}, {"PAGE SIZE", Align::Right}});
  for (const HashInfo& info : hashes) {
    if (info.fault.empty())
      table.add({info.path, grouped(info.length), grouped(info.pageSize)});
    else
      table.add({info.path, "corrupt", ""});
  }
  return table.text(terminal);
}

// Says what is wrong with those that have a fault, and whether any has.
bool complainOfFaults(Program& program, const std::vector<HashInfo>& hashes) {
  program.out.flush();
  bool hasFault = false;
  for (const HashInfo& info : hashes) {
    if (info.fault.empty()) continue;
    program.complain(info.fault);
    hasFault = true;
  }
  return hasFault;
}

// For a store that seems to be empty: another program's files may be there under names that tell
// no paths.
void noteUnknownPaths(Program& program, Storage& storage) {
  if (!hidesPaths(effectiveConfig(program.options)) || !storage.list().empty()) return;
  const auto files = storage.files();
  const auto unknown = static_cast<std::uint64_t>(
      std::count_if(files.begin(), files.end(), [](const std::string& file) {
        return file.ends_with(".json") && !file.starts_with('.') && !file.starts_with("_temp/");
      }));
  if (unknown > 0)
    program.say("note: " + counted(unknown, "file") +
                " of hashes or records whose paths are not known; "
                "hexpage adopt PATH makes a path known");
}

// All but what an unfinished migration into the store keeps, which is told of in words; asked for
// by name it is there.
std::vector<HashInfo> listedHashes(Program& program, Storage& storage, const std::string& prefix) {
  std::vector<HashInfo> hashes = storage.hashes(prefix);
  if (prefix.starts_with(kMigrationFolder)) return hashes;
  const std::string folder = std::string(kMigrationFolder) + "/";
  const auto kept =
      std::erase_if(hashes, [&](const HashInfo& info) { return info.path.starts_with(folder); });
  if (kept > 0)
    program.say(
        "note: a migration into this store is not finished; the same hexpage migrate goes on");
  return hashes;
}

void addLs(Commands& commands) {
  Command command(commands, "ls", kHashGroup, "List the hashes");
  const auto& prefix = command.optionalArgument("PREFIX", "only those whose path begins with it");
  const auto& isJson = command.flag("--json", "a line of JSON for each");
  const auto& isLong = command.flag("-l,--long", "a table, as on a terminal");
  command.examples(
      "  hexpage ls                       # a table on a terminal, else a path on each line\n"
      "  hexpage ls archive/ --json");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    const auto hashes = listedHashes(program, storage, prefix);
    if (hashes.empty())
      noteUnknownPaths(program, storage);
    else if (!isJson && (isLong || program.outTerminal.isTerminal))
      program.out.write(hashTable(hashes, program.outTerminal));
    else
      for (const HashInfo& info : hashes) program.out.line(isJson ? hashLine(info) : info.path);
    return complainOfFaults(program, hashes) ? kCorrupt : kDone;
  });
}

using Move = void (Storage::*)(std::string_view, std::string_view);

void addMove(Commands& commands, const std::string& name, const std::string& summary, Move move) {
  Command command(commands, name, kHashGroup, summary);
  const auto& from = command.argument("FROM", "path of the hash");
  const auto& to = command.argument("TO", "its new path; what is there is replaced wholly");
  command.examples("  hexpage " + name + " users archive/users");
  command.runs([&from, &to, move](Program& program) {
    Storage storage = program.openToChange();
    (storage.*move)(from, to);
    noteStoredPath(program, storage, to);
    return kDone;
  });
}

void addEmpty(Commands& commands, const std::string& name, const std::string& summary,
              bool isEntire) {
  Command command(commands, name, kHashGroup, summary);
  const auto& hash = command.hashArgument();
  command.examples("  hexpage " + name + " users");
  command.runs([&hash, isEntire](Program& program) {
    Storage storage = program.openToChange();
    const auto length = storage.hashGetInfo(hash).length;
    storage.hashDeleteAll(hash, isEntire);
    program.say("removed " + counted(length, "document"));
    return kDone;
  });
}

void addPageSize(Commands& commands) {
  Command command(commands, "page-size", kHashGroup,
                  "Lay a hash out anew in pages of another size");
  const auto& hash = command.hashArgument();
  const auto& size = command.numberArgument("N", "items in a page before it splits");
  command.examples("  hexpage page-size users 200      # `hexpage stat users` helps to choose");
  command.runs([&](Program& program) {
    program.openToChange().hashSetPageSize(hash, size);
    return kDone;
  });
}

}  // namespace

void addHashCommands(Commands& commands) {
  addCreate(commands);
  addInfo(commands);
  addLs(commands);
  addMove(commands, "copy", "Copy a hash", &Storage::hashCopy);
  addMove(commands, "rename", "Rename a hash", &Storage::hashRename);
  addEmpty(commands, "clear", "Delete all documents, keep the hash", false);
  addEmpty(commands, "drop", "Delete a hash with all its documents", true);
  addPageSize(commands);
}

}  // namespace hexpage::cli
