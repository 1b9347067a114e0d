// The pipe protocol (docs/cli.md): what a line asks for and the line that answers it.
#pragma once

#include <hexpage/error.hpp>
#include <hexpage/storage.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/pipe_line.hpp"

namespace hexpage::cli {

class TableCalls;

class Pipe {
 public:
  // The config says where TABLE's tables lie in databases.
  Pipe(Storage& storage, Json config) : storage_(storage), config_(std::move(config)) {}

  // The answer without its line end, in ASCII. Throws nothing but what a lack of memory throws.
  std::string answer(std::string_view line);

  // Whether QUIT was answered.
  bool isOver() const { return isOver_; }

  // All commands that it knows with what follows them, a line each.
  static std::string commands();

 private:
  using Handler = std::string (Pipe::*)(PipeLine&);
  struct Named {
    std::string_view name;
    std::string_view arguments;
    Handler handler;
  };
  static std::span<const Named> handlers();
  static Handler handlerOf(std::string_view word);

  std::string put(PipeLine& line);
  std::string putRaw(PipeLine& line);
  std::string putMulti(PipeLine& line);
  std::string get(PipeLine& line);
  std::string del(PipeLine& line);
  std::string create(PipeLine& line);
  std::string clear(PipeLine& line);
  std::string drop(PipeLine& line);
  std::string removeAll(PipeLine& line, bool entire);
  std::string scan(PipeLine& line);
  std::string length(PipeLine& line);
  std::string listHashes(PipeLine& line);
  std::string files(PipeLine& line);
  std::string sync(PipeLine& line);
  std::string check(PipeLine& line);
  std::string quit(PipeLine& line);
  std::string putIf(PipeLine& line);
  std::string begin(PipeLine& line);
  std::string commit(PipeLine& line);
  std::string abort(PipeLine& line);

  // What a command about hashes works on: the open transaction, else the store.
  Hashes& hashes();
  Transaction takeTransaction(PipeLine& line);

  // --- pipe_tables.cpp ---
  using Count = Json (Hashes::*)(std::string_view, std::string_view, const Json&,
                                 const MemberOptions&);
  // What a call refuses is a bad path or, with a good one, a request that makes no sense.
  template <class Call>
  std::string asked(const std::string& hash, Call call) {
    try {
      return call();
    } catch (const TooLarge&) {
      throw;
    } catch (const Error& error) {
      if (error.code() != Code::InvalidArgument) throw;
      hashes().hashCount(hash, {});
      throw Refusal("BADREQ", error.what());
    }
  }
  std::string increment(PipeLine& line);
  std::string decrement(PipeLine& line);
  std::string incrementFor(PipeLine& line);
  std::string decrementFor(PipeLine& line);
  std::string count(PipeLine& line, Count call, bool hasTime);
  std::string push(PipeLine& line);
  std::string size(PipeLine& line);
  std::string getMember(PipeLine& line);
  std::string countMatching(PipeLine& line);
  std::string scanMatching(PipeLine& line);
  std::string deleteMatching(PipeLine& line);
  std::string next(PipeLine& line);

  // --- pipe_expiry.cpp ---
  std::string putFor(PipeLine& line);
  std::string expire(PipeLine& line);
  std::string persist(PipeLine& line);
  std::string timeLeft(PipeLine& line);
  std::string sweep(PipeLine& line);

  // --- pipe_locks.cpp ---
  std::string lock(PipeLine& line);
  std::string unlock(PipeLine& line);

  // --- pipe_table_calls.cpp ---
  std::string table(PipeLine& line);
  std::string tableCall(TableCalls& calls, const std::string& call, const std::string& name,
                        const std::vector<std::string>& rest);
  std::string dumpTable(const std::string& name, PipeLine& line);

  Storage& storage_;
  const Json config_;
  std::optional<Transaction> transaction_;  // also one that an error has ended, until it is told
  std::multimap<std::string, Lock> locks_;  // of items, by their names; until UNLOCK or the end
  bool isOver_ = false;
};

// `ERR CODE text` for what the library threw. Paths and keys are all that it can still refuse as
// an argument, once documents and sizes have been checked.
std::string errorAnswer(const Error& error, const char* invalidArgument = "BADNAME");
std::string errorAnswer(const std::string& code, std::string_view text);

}  // namespace hexpage::cli
