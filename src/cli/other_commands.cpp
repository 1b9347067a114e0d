// config, version.
#include <hexpage/json_text.hpp>
#include <hexpage/version.hpp>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"

namespace hexpage::cli {
namespace {

void addConfig(Commands& commands) {
  Command command(commands, "config", kOtherGroup, "Print the config that a command would use");
  command.examples("  hexpage --data /srv/data --set hash_page_size=100 config");
  command.runs([](Program& program) {
    const Json config = effectiveConfig(program.options);
    Storage::checkConfig(config);
    const std::string text = toText(config);
    program.out.line(program.outTerminal.isTerminal ? indented(text) : text);
    return kDone;
  });
}

void addVersion(Commands& commands) {
  Command command(commands, "version", kOtherGroup, "Print the version");
  command.runs([](Program& program) {
    program.out.line(std::string("hexpage ") + version());
    return kDone;
  });
}

}  // namespace

void addOtherCommands(Commands& commands) {
  addConfig(commands);
  addVersion(commands);
}

}  // namespace hexpage::cli
