// put, get, del, update, merge: one document, or a few, by key.
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/duration.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/stored_path.hpp"

namespace hexpage::cli {
namespace {

void addPut(Commands& commands) {
  Command command(commands, "put", kItemGroup, "Store a document under a key; makes the hash");
  const auto& hash = command.hashArgument();
  const auto& key = command.keyArgument();
  const auto& json = command.argument("JSON", "the document; - reads it from standard input");
  const auto& pageSize =
      command.number("--page-size", "items in a page, should this make the hash");
  const auto& ttl = command.option("--ttl", "TIME", "how long it lives: 500ms, 30s, 5m, 2h, 7d");
  command.examples(
      "  hexpage put users ann '{\"name\":\"Ann\",\"age\":41}'\n"
      "  hexpage put users bob - < bob.json\n"
      "  hexpage put sessions s1 '{\"user\":\"ann\"}' --ttl 30m\n"
      "  hexpage put users -- -x 1        # after -- a key may begin with -");
  command.runs([&](Program& program) {
    const std::string text = documentFrom(json);
    PutOptions options;
    if (pageSize) options.create["page_size"] = *pageSize;
    if (ttl) options.ttl = parseDuration(*ttl);
    Storage storage = program.openToWrite();
    storage.hashPutText(hash, key, text, options);
    noteStoredPath(program, storage, hash);
    return kDone;
  });
}

void addGet(Commands& commands) {
  Command command(commands, "get", kItemGroup, "Print a document");
  const auto& hash = command.hashArgument();
  const auto& key = command.keyArgument();
  const auto& isRaw = command.flag("--raw", "exactly as it is stored");
  const auto& member = command.option("--member", "PATH", "only this value of it");
  command.examples(
      "  hexpage get users ann            # indented on a terminal, else on one line\n"
      "  hexpage get users ann --raw\n"
      "  hexpage get users ann --member 'tags[0]'");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    const std::string text =
        member ? storage.hashGetMemberText(hash, key, *member) : storage.hashGetText(hash, key);
    if (isRaw)
      program.out.line(text);
    else
      program.out.line(program.outTerminal.isTerminal ? indented(text) : minified(text));
    return kDone;
  });
}

void addDel(Commands& commands) {
  Command command(commands, "del", kItemGroup, "Delete documents");
  const auto& hash = command.hashArgument();
  const auto& keys = command.arguments("KEY", "keys of the documents");
  const auto& isEntire = command.flag("--entire", "remove the hash too, once it is empty");
  command.examples(
      "  hexpage del users ann bob        # exit code 1 when none of them was there\n"
      "  hexpage del users eve --entire");
  command.runs([&](Program& program) {
    Storage storage = program.openToChange();
    storage.hashGetInfo(hash);  // a hash that is not there is an error with its name
    const std::size_t removed = storage.hashDeleteMulti(hash, keys, isEntire);
    program.say("removed " + grouped(removed) + " of " + counted(keys.size(), "document"));
    return removed > 0 ? kDone : kNotThere;
  });
}

using Edit = void (Storage::*)(std::string_view, std::string_view, const Json&);

void addEdit(Commands& commands, const std::string& name, const std::string& summary,
             const std::string& jsonHelp, const std::string& examples, Edit edit) {
  Command command(commands, name, kItemGroup, summary);
  const auto& hash = command.hashArgument();
  const auto& key = command.keyArgument();
  const auto& json = command.argument("JSON", jsonHelp);
  command.examples(examples);
  command.runs([&hash, &key, &json, edit](Program& program) {
    const Json changes = parseJson(documentFrom(json));
    Storage storage = program.openToChange();
    (storage.*edit)(hash, key, changes);
    return kDone;
  });
}

void addUpdate(Commands& commands) {
  addEdit(commands, "update", "Set members of a document",
          "an object of changes by path; - reads stdin",
          "  hexpage update users ann '{\"age\":42,\"address.city\":\"Oslo\"}'\n"
          "  hexpage update users ann '{\"tags/0\":\"vip\"}'   # a number steps into an array",
          &Storage::hashUpdate);
}

void addMerge(Commands& commands) {
  addEdit(commands, "merge", "Apply a JSON Merge Patch (RFC 7396)",
          "the patch; null removes a member; - reads stdin",
          "  hexpage merge users ann '{\"age\":null,\"address\":{\"zip\":\"0150\"}}'",
          &Storage::hashMerge);
}

}  // namespace

void addItemCommands(Commands& commands) {
  addPut(commands);
  addGet(commands);
  addDel(commands);
  addUpdate(commands);
  addMerge(commands);
}

}  // namespace hexpage::cli
