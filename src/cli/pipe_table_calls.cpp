// TABLE: the administrative calls of Kamailio's htable, by their names.
#include <hexpage/json_text.hpp>

#include "src/cli/pipe.hpp"
#include "src/cli/pipe_piece.hpp"
#include "src/cli/table_calls.hpp"

namespace hexpage::cli {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? "," : "") + asciiOnly(text);
  return out + "]";
}

}  // namespace

std::string Pipe::table(PipeLine& line) {
  if (transaction_) throw Refusal("BADREQ", "TABLE works on the store; COMMIT or ABORT first");
  TableCalls calls(storage_, config_);
  const std::string call(line.token());
  if (call == "listTables") {
    line.end();
    return ok(joined(calls.listTables()));
  }
  const std::string name = line.text();
  storage_.hashGetInfo(name);
  if (call == "dump") return dumpTable(name, line);
  const auto rest = [&] { return line.isOver() ? std::vector<std::string>() : line.texts(); }();
  return asked(name, [&] { return tableCall(calls, call, name, rest); });
}

std::string Pipe::tableCall(TableCalls& calls, const std::string& call, const std::string& name,
                            const std::vector<std::string>& rest) {
  const auto isCall = [&](const char* word, std::size_t words) {
    if (call != word) return false;
    if (rest.size() == words) return true;
    throw Refusal("BADREQ", "TABLE " + call + " takes the table and " + std::to_string(words) +
                                " more JSON strings");
  };
  if (isCall("stats", 0)) return ok(asciiOnly(calls.stats(name)));
  if (isCall("get", 1)) return ok(asciiOnly(calls.get(name, rest[0])));
  if (isCall("flush", 0)) return calls.flush(name), "OK";
  if (isCall("delete", 1)) return calls.remove(name, rest[0]), "OK";
  if (isCall("sets", 2)) return calls.sets(name, rest[0], rest[1]), "OK";
  if (isCall("seti", 2)) return calls.seti(name, rest[0], rest[1]), "OK";
  if (isCall("setex", 2)) return calls.setex(name, rest[0], rest[1]), "OK";
  if (isCall("setxs", 3)) return calls.setxs(name, rest[0], rest[1], rest[2]), "OK";
  if (isCall("setxi", 3)) return calls.setxi(name, rest[0], rest[1], rest[2]), "OK";
  if (isCall("reload", 0)) return ok(calls.reload(name).items);
  if (isCall("store", 0)) return ok(calls.store(name).items);
  throw Refusal("BADREQ",
                "unknown call of TABLE; known: listTables stats get sets seti setex setxs "
                "setxi delete dump flush reload store");
}

// Some items at a time, as NEXT: a table of any size goes through the pipe.
std::string Pipe::dumpTable(const std::string& name, PipeLine& line) {
  const std::string position = line.text();
  const std::size_t most = itemCount(line.token());
  line.end();
  return asked(name, [&] {
    HashCursor cursor = storage_.hashCursor(name, position);
    std::vector<std::string> items;
    while (items.size() < most && cursor.next())
      items.push_back(dumpedItem(cursor.key(), cursor.text()));
    return ok("{\"items\":" + joined(items) +
              ",\"position\":" + asciiOnly(jsonString(cursor.position())) + "}");
  });
}

}  // namespace hexpage::cli
