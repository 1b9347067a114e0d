// increment, decrement, push, array-size: a number or an array in a document.
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/duration.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/stored_path.hpp"

namespace hexpage::cli {
namespace {

constexpr const char* kMemberHelp = "of the document: stats.hits, tags[0]";

using Count = Json (Hashes::*)(std::string_view, std::string_view, const Json&,
                               const MemberOptions&);

void addCount(Commands& commands, const std::string& name, const std::string& summary,
              Count count) {
  Command command(commands, name, kItemGroup, summary);
  const auto& hash = command.argument("HASH", "path of the hash");
  const auto& key = command.argument("KEY", "key of the counter; made at 0 or the hash's initval");
  const auto& by = command.optionalArgument("BY", "a number, 1 unless given");
  const auto& member = command.option("--member", "PATH", kMemberHelp);
  const auto& ttl = command.option("--ttl", "TIME", "how long it lives, should this make it: 60s");
  command.examples("  hexpage " + name +
                   " calls ann             # prints the result\n"
                   "  hexpage " +
                   name + " users ann 5 --member stats.hits\n  hexpage " + name +
                   " rate ann --ttl 60s    # a minute from the first call on");
  command.runs([&, count](Program& program) {
    const Json step = by.empty() ? Json(1) : parseJson(by);
    MemberOptions options{.member = member.value_or("")};
    if (ttl) options.ttl = parseDuration(*ttl);
    Storage storage = program.openToWrite();
    const Json result = (storage.*count)(hash, key, step, options);
    program.out.line(toText(result));
    noteStoredPath(program, storage, hash);
    return kDone;
  });
}

void addPush(Commands& commands) {
  Command command(commands, "push", kItemGroup, "Append to an array; prints its new size");
  const auto& hash = command.argument("HASH", "path of the hash");
  const auto& key = command.argument("KEY", "key of the document; made if need be");
  const auto& json = command.argument("JSON", "the element; - reads it from standard input");
  const auto& member = command.option("--member", "PATH", kMemberHelp);
  command.examples("  hexpage push users ann '\"vip\"' --member tags");
  command.runs([&](Program& program) {
    const std::string element = documentFrom(json);
    Storage storage = program.openToWrite();
    const std::size_t size =
        storage.hashArrayPushText(hash, key, element, {.member = member.value_or("")});
    program.out.line(std::to_string(size));
    noteStoredPath(program, storage, hash);
    return kDone;
  });
}

void addArraySize(Commands& commands) {
  Command command(commands, "array-size", kItemGroup, "Print how many elements an array has");
  const auto& hash = command.hashArgument();
  const auto& key = command.keyArgument();
  const auto& member = command.option("--member", "PATH", kMemberHelp);
  command.examples("  hexpage array-size users ann --member tags     # 0 when nothing is there");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    program.out.line(std::to_string(storage.hashArraySize(hash, key, member.value_or(""))));
    return kDone;
  });
}

}  // namespace

void addCounterCommands(Commands& commands) {
  addCount(commands, "increment", "Add to a counter", &Hashes::hashIncrement);
  addCount(commands, "decrement", "Take from a counter", &Hashes::hashDecrement);
  addPush(commands);
  addArraySize(commands);
}

}  // namespace hexpage::cli
