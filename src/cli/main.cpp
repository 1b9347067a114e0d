// The hexpage program: parses its command line, runs the one command and says how it went.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <hexpage/error.hpp>
#include <hexpage/version.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/stop.hpp"
#include "src/cli/suggestion.hpp"

namespace hexpage::cli {
namespace {

// Were one of them closed, a store's file could get its number, and output would end up in there.
void holdStandardDescriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // The wrong way round on purpose, so that using what was closed is still an error. The lowest
    // free number is taken, which is this one.
    ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// A closed pipe or a file size limit is then an error of the write, told like any other.
void ignoreWriteSignals() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

// An unset shell variable must not silently choose the default store.
std::string refuseEmpty(const std::string& word) {
  return word.empty() ? "an empty value" : std::string();
}

void addGlobalOptions(CLI::App& app, ConfigOptions& options) {
  app.add_option("--data", options.data, "Where the store lives (default ./data)")
      ->type_name("DIR")
      ->check(refuseEmpty);
  app.add_option("--backend", options.backend, "filesystem (default), binary or memory")
      ->type_name("NAME")
      ->check(refuseEmpty);
  app.add_option("--config", options.file, "JSON file to take settings from; else HEXPAGE_CONFIG's")
      ->type_name("FILE")
      ->check(refuseEmpty);
  app.add_option("--set", options.settings,
                 "Override a setting: hash_page_size=4, cache.enabled=true")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void describe(CLI::App& app) {
  app.name("hexpage");
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("Subcommands", "Commands");
  app.get_formatter()->column_width(28);
  app.set_version_flag("--version", std::string("hexpage ") + version());
  app.footer(
      "Examples:\n"
      "  hexpage put users ann '{\"name\":\"Ann\",\"age\":41}'\n"
      "  hexpage get users ann\n"
      "  hexpage import countries countries.jsonl\n"
      "  hexpage tree countries\n"
      "  hexpage put --help               # each command has help and examples\n"
      "\n"
      "Options may stand before or behind the command. Exit codes: 0 done, 1 not there,\n"
      "2 bad use or input, 3 corrupt, 4 input/output, 5 locked.");
}

void addCommands(Commands& commands) {
  addItemCommands(commands);
  addCounterCommands(commands);
  addExpiryCommands(commands);
  addListCommands(commands);
  addMatchCommands(commands);
  addHashCommands(commands);
  addImportCommand(commands);
  addExportCommand(commands);
  addMigrateCommand(commands);
  addBackupCommands(commands);
  addDatabaseCommands(commands);
  addTableCommands(commands);
  addPipeCommand(commands);
  addTreeCommand(commands);
  addStatCommand(commands);
  addCheckCommands(commands);
  addLocksCommand(commands);
  addLockCommand(commands);
  addWatchCommand(commands);
  addRecordCommands(commands);
  addOtherCommands(commands);
}

// Output that was written stays in front of the complaint; whether it fails as well tells nothing
// new.
void flushQuietly(Program& program) {
  try {
    program.out.flush();
  } catch (const Error&) {
  }
}

int runAndReport(const Run& run, Program& program) {
  try {
    const int code = run(program);
    program.out.flush();
    return code;
  } catch (const Stopped& stopped) {
    flushQuietly(program);
    return 128 + stopped.signal;
  } catch (const BrokenPipe& error) {
    return exitCodeOf(error.code());
  } catch (const Error& error) {
    flushQuietly(program);
    program.complain(error.what());
    return exitCodeOf(error.code());
  } catch (const std::exception& error) {
    flushQuietly(program);
    program.complain(std::string("unexpected: ") + error.what());
    return kIo;
  }
}

// The commands of the program, or of a command like `record`.
std::vector<std::string> commandsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// Those of the command and of what it is a command of.
std::vector<std::string> optionsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent())
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string didYouMean(const std::vector<std::string>& words, const std::string& written) {
  const std::string nearest = nearestOf(words, written);
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

// What is wrong with an option that the command has not: it is misspelled, or it is a key.
std::string unknownOption(const CLI::App& command, const std::string& word) {
  const std::string meant = didYouMean(optionsOf(command), word);
  return "unknown option " + word +
         (meant.empty()
              ? "; a key or document that begins with '-' goes behind --, as in hexpage " +
                    command.get_name() + " ... -- " + word
              : meant);
}

// CLI11's words for a missing or unknown command say neither which nor that it is one.
std::string complaintText(const CLI::App& app, const CLI::ParseError& error) {
  const auto words = app.remaining(true);
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const auto commands = commandsOf(command);
  const auto option = std::find_if(words.begin(), words.end(),
                                   [](const std::string& word) { return word.starts_with('-'); });
  if (option != words.end()) return unknownOption(command, *option);
  if (!commands.empty() && !words.empty())
    return "unknown command " + unmarked(words.front()) + didYouMean(commands, words.front());
  if (!words.empty() && !chosen.empty()) return "one word too many: " + unmarked(words.front());
  if (!chosen.empty()) return error.what();
  return dynamic_cast<const CLI::RequiredError*>(&error) ? "a command is missing" : error.what();
}

// Help and version go to stdout, a complaint and a hint to stderr.
int reportParse(const CLI::App& app, const CLI::ParseError& error, Program& program) {
  if (error.get_exit_code() != 0) {
    program.complain(complaintText(app, error));
    program.say("Try hexpage --help, or hexpage COMMAND --help.");
    return kBadUse;
  }
  std::ostringstream text;
  app.exit(error, text, text);
  return runAndReport(
      [&](Program& target) {
        target.out.write(text.str());
        return kDone;
      },
      program);
}

int runProgram(int argc, char** argv) {
  holdStandardDescriptors();
  ignoreWriteSignals();
  Program program;
  CLI::App app("A store of JSON documents that people and pixl-server-storage can read.");
  Commands commands(app);
  describe(app);
  addGlobalOptions(app, program.options);
  addCommands(commands);
  Run run;
  try {
    run = commands.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return reportParse(app, error, program);
  }
  return runAndReport(run, program);
}

}  // namespace
}  // namespace hexpage::cli

int main(int argc, char** argv) { return hexpage::cli::runProgram(argc, argv); }
