#include "src/cli/command.hpp"

#include <algorithm>
#include <utility>

namespace hexpage::cli {
namespace {

// CLI11 takes a word like "[a,b]" for a list and "++" for the end of a command, but here both may
// be a key; and one behind "--" that begins with '-' is no option. A mark in front keeps such a
// word whole until it is stored.
constexpr char kMark = '\x1f';

std::string marked(const std::string& word, bool isBehindDashes) {
  const bool isList = word.starts_with('[') && word.ends_with(']');
  const bool isNoOption = isBehindDashes && word.starts_with('-');
  const bool needsMark = isList || isNoOption || word == "++" || word.starts_with(kMark);
  return needsMark ? kMark + word : word;
}

}  // namespace

std::string unmarked(const std::string& word) {
  return word.starts_with(kMark) ? word.substr(1) : word;
}

Run Commands::parse(int argc, const char* const* argv) {
  std::vector<std::string> words;
  // Not for CLI11, which looks for options behind it all the same once the command has enough
  // words.
  bool isBehindDashes = false;
  for (int i = 1; i < argc; ++i)
    if (const std::string word = argv[i]; word == "--" && !isBehindDashes)
      isBehindDashes = true;
    else
      words.push_back(marked(word, isBehindDashes));
  // CLI11 takes them from the back.
  std::reverse(words.begin(), words.end());
  app_.parse(std::move(words));
  return chosen_;
}

Command::Command(Commands& commands, CLI::App& parent, const std::string& name,
                 const std::string& group, const std::string& summary)
    : commands_(commands), app_(*parent.add_subcommand(name, summary)) {
  app_.group(group);
  app_.fallthrough();
}

Command Command::part(const std::string& name, const std::string& summary) {
  app_.require_subcommand(1);
  return Command(commands_, app_, name, "Commands", summary);
}

const std::string& Command::argument(const std::string& name, const std::string& help) {
  auto& word = commands_.keep<std::string>();
  app_.add_option(name, word, help)->required()->transform(unmarked)->type_name("");
  return word;
}

const std::string& Command::optionalArgument(const std::string& name, const std::string& help) {
  auto& word = commands_.keep<std::string>();
  app_.add_option(name, word, help)->transform(unmarked)->type_name("");
  return word;
}

const std::vector<std::string>& Command::arguments(const std::string& name,
                                                   const std::string& help) {
  auto& words = commands_.keep<std::vector<std::string>>();
  app_.add_option(name, words, help)->required()->transform(unmarked)->type_name("");
  return words;
}

const std::vector<std::string>& Command::optionalArguments(const std::string& name,
                                                           const std::string& help) {
  auto& words = commands_.keep<std::vector<std::string>>();
  app_.add_option(name, words, help)->transform(unmarked)->type_name("");
  return words;
}

const bool& Command::flag(const std::string& name, const std::string& help) {
  auto& isGiven = commands_.keep<bool>();
  app_.add_flag(name, isGiven, help);
  return isGiven;
}

const std::optional<std::string>& Command::option(const std::string& name, const std::string& word,
                                                  const std::string& help) {
  auto& value = commands_.keep<std::optional<std::string>>();
  app_.add_option(name, value, help)->transform(unmarked)->type_name(word);
  return value;
}

const std::string& Command::requiredOption(const std::string& name, const std::string& word,
                                           const std::string& help) {
  auto& value = commands_.keep<std::string>();
  app_.add_option(name, value, help)->required()->transform(unmarked)->type_name(word);
  return value;
}

const std::vector<std::string>& Command::options(const std::string& name, const std::string& word,
                                                 const std::string& help) {
  auto& values = commands_.keep<std::vector<std::string>>();
  app_.add_option(name, values, help)->transform(unmarked)->type_name(word);
  return values;
}

const std::optional<std::size_t>& Command::number(const std::string& name,
                                                  const std::string& help) {
  auto& value = commands_.keep<std::optional<std::size_t>>();
  app_.add_option(name, value, help)->type_name("N");
  return value;
}

const std::size_t& Command::numberArgument(const std::string& name, const std::string& help) {
  auto& value = commands_.keep<std::size_t>();
  app_.add_option(name, value, help)->required()->transform(unmarked)->type_name("");
  return value;
}

void Command::examples(const std::string& lines) { app_.footer("Examples:\n" + lines); }

void Command::runs(Run run) {
  app_.callback([&commands = commands_, run = std::move(run)] { commands.chosen_ = run; });
}

}  // namespace hexpage::cli
