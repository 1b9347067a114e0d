// record get, put, del, ls: plain JSON records, which are no hashes.
#include <algorithm>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <optional>

#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/exit_code.hpp"

namespace hexpage::cli {
namespace {

constexpr const char* kPathHelp = "path of the record";

// The stored path of the hash at `path`, if there is one that can be read.
std::optional<std::string> hashAt(Storage& storage, const std::string& path) {
  try {
    return storage.hashGetInfo(path).path;
  } catch (const Error&) {
    return std::nullopt;  // what is wrong with it is said by the error under way
  }
}

// Runs change(storage); that a hash is in the way is told in words of the command line.
template <class Change>
auto changedRecord(Storage storage, const std::string& path, Change change) {
  try {
    return change(storage);
  } catch (const Error& error) {
    if (error.code() != Code::Conflict) throw;
    const auto hash = hashAt(storage, path);
    if (!hash) throw;
    throw Error(Code::Conflict, *hash + " is a hash; remove it with: hexpage drop " + *hash);
  }
}

void addGet(Command& record) {
  Command command = record.part("get", "Print a record; of a hash its header");
  const auto& path = command.argument("PATH", kPathHelp);
  command.examples("  hexpage record get settings/mail");
  command.runs([&](Program& program) {
    const std::string text = program.openToRead().getText(path);
    program.out.line(program.outTerminal.isTerminal ? indented(text) : minified(text));
    return kDone;
  });
}

void addPut(Command& record) {
  Command command = record.part("put", "Store a record whole");
  const auto& path = command.argument("PATH", kPathHelp);
  const auto& json = command.argument("JSON", "the value; - reads it from standard input");
  command.examples("  hexpage record put settings/mail '{\"from\":\"it@example.org\"}'");
  command.runs([&](Program& program) {
    const std::string text = documentFrom(json);
    changedRecord(program.openToWrite(), path,
                  [&](Storage& storage) { storage.putText(path, text); });
    return kDone;
  });
}

void addDel(Command& record) {
  Command command = record.part("del", "Delete a record");
  const auto& path = command.argument("PATH", kPathHelp);
  command.examples("  hexpage record del settings/mail");
  command.runs([&](Program& program) {
    const bool wasThere = changedRecord(program.openToChange(), path,
                                        [&](Storage& storage) { return storage.erase(path); });
    if (!wasThere) throw Error(Code::NoSuchKey, "no such record: " + path);
    return kDone;
  });
}

// Paths of records that are no hashes. Both lists are sorted.
std::vector<std::string> plainRecords(Storage& storage, const std::string& prefix) {
  std::vector<std::string> hashes;
  for (const HashInfo& info : storage.hashes(prefix)) hashes.push_back(info.path);
  std::sort(hashes.begin(), hashes.end());
  std::vector<std::string> records = storage.list(prefix);
  std::erase_if(records, [&](const std::string& path) {
    return std::binary_search(hashes.begin(), hashes.end(), path);
  });
  return records;
}

void addLs(Command& record) {
  Command command = record.part("ls", "List the records that are no hashes");
  const auto& prefix = command.optionalArgument("PREFIX", "only those whose path begins with it");
  command.examples("  hexpage record ls settings/");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    for (const std::string& path : plainRecords(storage, prefix)) program.out.line(path);
    return kDone;
  });
}

}  // namespace

void addRecordCommands(Commands& commands) {
  Command record(commands, "record", kOtherGroup, "Plain JSON records: get, put, del, ls");
  addGet(record);
  addPut(record);
  addDel(record);
  addLs(record);
}

}  // namespace hexpage::cli
