// How a command is declared: its words, its options, examples for its help and what it does.
//
//   Command command(commands, "get", kItems, "Print a document");
//   const auto& hash = command.argument("HASH", "path of the hash");
//   command.runs([&](Program& program) { ...; return kDone; });
//
// What argument(), flag() and the like give is filled when the command line is parsed and lives as
// long as the Commands.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/cli/program.hpp"

namespace hexpage::cli {

using Run = std::function<int(Program&)>;

// A word that CLI11 left over, as it was written.
std::string unmarked(const std::string& word);

// The program's commands and, once parsed, the one that was chosen.
class Commands {
 public:
  explicit Commands(CLI::App& app) : app_(app) {}

  // Parses and gives what is to be run. Throws CLI::ParseError, also for --help.
  Run parse(int argc, const char* const* argv);

 private:
  friend class Command;

  template <class T>
  T& keep() {
    auto value = std::make_shared<T>();
    kept_.push_back(value);
    return *value;
  }

  CLI::App& app_;
  std::vector<std::shared_ptr<void>> kept_;
  Run chosen_;
};

class Command {
 public:
  Command(Commands& commands, const std::string& name, const std::string& group,
          const std::string& summary)
      : Command(commands, commands.app_, name, group, summary) {}

  // A command of a command: `record get`.
  Command part(const std::string& name, const std::string& summary);

  const std::string& argument(const std::string& name, const std::string& help);
  const std::string& hashArgument() { return argument("HASH", "path of the hash"); }
  const std::string& keyArgument() { return argument("KEY", "key of the document"); }
  const std::string& optionalArgument(const std::string& name, const std::string& help);
  // One or more.
  const std::vector<std::string>& arguments(const std::string& name, const std::string& help);
  const bool& flag(const std::string& name, const std::string& help);
  const std::optional<std::string>& option(const std::string& name, const std::string& word,
                                           const std::string& help);
  // May be given several times, and with several values.
  const std::vector<std::string>& options(const std::string& name, const std::string& word,
                                          const std::string& help);
  const std::optional<std::size_t>& number(const std::string& name, const std::string& help);
  const std::size_t& numberArgument(const std::string& name, const std::string& help);

  const std::string& requiredOption(const std::string& name, const std::string& word,
                                    const std::string& help);
  // None or more.
  const std::vector<std::string>& optionalArguments(const std::string& name,
                                                    const std::string& help);

  // Lines shown under "Examples:"; to be called once.
  void examples(const std::string& lines);
  void runs(Run run);

 private:
  Command(Commands& commands, CLI::App& parent, const std::string& name, const std::string& group,
          const std::string& summary);

  Commands& commands_;
  CLI::App& app_;
};

inline constexpr const char* kItemGroup = "Documents";
inline constexpr const char* kHashGroup = "Hashes";
inline constexpr const char* kTransferGroup = "In and out";
inline constexpr const char* kLookGroup = "Look and mend";
inline constexpr const char* kOtherGroup = "Other";

// Each declares the commands of its file.
void addItemCommands(Commands& commands);
void addCounterCommands(Commands& commands);
void addExpiryCommands(Commands& commands);
void addListCommands(Commands& commands);
void addMatchCommands(Commands& commands);
void addHashCommands(Commands& commands);
void addImportCommand(Commands& commands);
void addExportCommand(Commands& commands);
void addMigrateCommand(Commands& commands);
void addBackupCommands(Commands& commands);
void addDatabaseCommands(Commands& commands);
void addTableCommands(Commands& commands);
void addTreeCommand(Commands& commands);
void addStatCommand(Commands& commands);
void addCheckCommands(Commands& commands);
void addLocksCommand(Commands& commands);
void addLockCommand(Commands& commands);
void addWatchCommand(Commands& commands);
void addRecordCommands(Commands& commands);
void addPipeCommand(Commands& commands);
void addOtherCommands(Commands& commands);

}  // namespace hexpage::cli
