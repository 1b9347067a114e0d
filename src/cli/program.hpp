// What every command has at hand: the config options, the outputs and the store.
#pragma once

#include <hexpage/storage.hpp>
#include <string>

#include "src/cli/config.hpp"
#include "src/cli/output.hpp"
#include "src/cli/terminal.hpp"

namespace hexpage::cli {

// The config for a command that is not to load and store what the config says of databases.
// Throws what Storage::checkConfig does.
Json withoutDatabases(Json config);

struct Program {
  Program();

  // For commands that only read: a data directory that is not there is not made, but an
  // Error{NoSuchKey}.
  Storage openToRead() const;
  // The same for commands that change what is there; from here on a signal waits for a safe point.
  Storage openToChange() const;
  // For commands that may begin a store: makes the data directory if need be.
  Storage openToWrite() const;
  // The same for a command that serves a store as a service does: what the config says of databases
  // holds. The others would load and store them anew each time.
  Storage openToServe() const;

  // For commands that name their stores themselves: the one of this config, which is made only if
  // it `isMade`.
  Storage openStore(const Json& config, bool isMade) const;

  // A line for people, on stderr.
  void say(const std::string& line) const;
  // The same for what went wrong.
  void complain(const std::string& what) const;

  ConfigOptions options;
  Output out;
  Terminal outTerminal;  // of stdout
  Terminal errTerminal;  // of stderr

 private:
  Json configOfCommand() const;
  Storage open(const Json& config) const;
};

}  // namespace hexpage::cli
