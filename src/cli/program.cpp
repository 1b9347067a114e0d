#include "src/cli/program.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <hexpage/error.hpp>
#include <iostream>

#include "src/cli/stop.hpp"
#include "src/cli/wait_notice.hpp"

namespace hexpage::cli {
namespace {

bool isThere(const std::string& directory) {
  struct stat status {};
  return ::stat(directory.c_str(), &status) == 0 || errno != ENOENT;
}

}  // namespace

Json withoutDatabases(Json config) {
  Storage::checkConfig(config);
  config.erase("databases");
  return config;
}

Program::Program()
    : out(STDOUT_FILENO, "standard output"),
      outTerminal(terminalAt(STDOUT_FILENO)),
      errTerminal(terminalAt(STDERR_FILENO)) {}

Storage Program::openToRead() const { return openStore(configOfCommand(), false); }

Storage Program::openToChange() const {
  stopAtSafePoints();
  return openToRead();
}

Storage Program::openToWrite() const {
  stopAtSafePoints();
  return open(configOfCommand());
}

Storage Program::openToServe() const {
  stopAtSafePoints();
  return open(effectiveConfig(options));
}

Storage Program::openStore(const Json& config, bool isMade) const {
  const std::string directory = dataDirectory(config);
  if (!isMade && !directory.empty() && !isThere(directory))
    throw Error(Code::NoSuchKey, "no store at " + directory);
  return open(config);
}

Json Program::configOfCommand() const { return withoutDatabases(effectiveConfig(options)); }

Storage Program::open(const Json& config) const {
  const std::string directory = dataDirectory(config);
  const WaitNotice notice([&] { return openingReason(directory); },
                          [&](const std::string& reason) { say(printable(reason)); });
  return Storage::open(config);
}

void Program::say(const std::string& line) const { std::cerr << line << std::endl; }

void Program::complain(const std::string& what) const {
  say(errTerminal.red("hexpage:") + " " + printable(what));
}

}  // namespace hexpage::cli
