// pipe: the store for scripts and other languages, a command a line.
#include <unistd.h>

#include <hexpage/error.hpp>
#include <hexpage/version.hpp>

#include "src/cli/byte_source.hpp"
#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/pipe.hpp"
#include "src/cli/stop.hpp"

namespace hexpage::cli {
namespace {

// Room for a document of 16 MiB in base64, or for a few of them in one PUTMULTI.
constexpr std::size_t kMaxLine = 64 << 20;

void say(Program& program, const std::string& answer) {
  program.out.line(answer);
  program.out.flush();
}

// A line that breaks off is not carried out: the rest of it could have changed its meaning.
std::string answerTo(Pipe& pipe, const ByteSource::Line& line) {
  if (line.lacksMemory) return errorAnswer("NOMEM", "no memory for so long a line");
  if (line.isTooLong) return errorAnswer("LIMIT", "a line of more than 64 MiB");
  if (!line.hasEnd) return errorAnswer("BADREQ", "the last line has no end");
  return pipe.answer(line.text);
}

void serve(Program& program, Storage& storage) {
  Pipe pipe(storage, effectiveConfig(program.options));
  ByteSource source(STDIN_FILENO, "standard input");
  while (!pipe.isOver()) {
    const auto line = source.takeLine(kMaxLine);
    if (!line) return;
    say(program, answerTo(pipe, *line));
  }
}

std::string readyText(const Program& program) {
  const std::string directory = dataDirectory(effectiveConfig(program.options));
  return std::string("READY 1 hexpage ") + version() +
         (directory.empty() ? "" : " " + printable(directory));
}

}  // namespace

void addPipeCommand(Commands& commands) {
  Command command(commands, "pipe", kTransferGroup, "A command a line in, an answer a line out");
  command.examples(
      R"(  printf '%s\n' 'PUT "users" "ann" {"age":41}' 'GET "users" "ann"' | hexpage pipe

Each answer is a line: OK and what there is, NIL, or ERR CODE and why. HASH, KEY,
MEMBER and POSITION are JSON strings, MS and N whole numbers; there is one space
between the pieces of a line. docs/cli.md says what each command does. Commands:
)" + Pipe::commands());
  command.runs([](Program& program) {
    stopAtSafePoints();
    try {
      Storage storage = program.openToServe();
      say(program, readyText(program));
      serve(program, storage);
      return kDone;
    } catch (const Error& error) {
      // Only opening the store and standard input and output come here.
      say(program, errorAnswer(error, "BADREQ"));
      return exitCodeOf(error.code());
    }
  });
}

}  // namespace hexpage::cli
