// backup, restore: all that a store holds as one file, and back.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <hexpage/backup.hpp>
#include <hexpage/error.hpp>
#include <list>

#include "src/cli/command.hpp"
#include "src/cli/descriptor.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/export_file.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/stop.hpp"

namespace hexpage::cli {
namespace {

std::size_t readSome(int descriptor, const std::string& name, char* buffer, std::size_t size) {
  awaitInput(descriptor);
  ssize_t got = 0;
  do {
    got = ::read(descriptor, buffer, size);
  } while (got < 0 && errno == EINTR);
  if (got < 0) throw Error(Code::Io, "read " + name + ": " + std::strerror(errno));
  return static_cast<std::size_t>(got);
}

// The descriptor must outlive it.
BackupSource sourceOver(const Descriptor& input, const std::string& file) {
  const std::string name = file == "-" ? "standard input" : file;
  const int descriptor = input.get();
  return {name, [descriptor, name](char* buffer, std::size_t size) {
            return readSome(descriptor, name, buffer, size);
          }};
}

std::string counts(const BackupContents& contents) {
  return counted(contents.hashes, "hash", "hashes") + ", " +
         counted(contents.records, "plain record") + ", " + counted(contents.items, "item");
}

// Shows how far a backup or a restore is; a signal ends it there.
auto shownOn(std::optional<Progress>& progress, const Program& program) {
  return [&](const BackupProgress& at) {
    throwIfStopped();
    if (!progress) progress.emplace(program.errTerminal, at.totalItems);
    progress->show(at.items, at.items);
  };
}

BackupContents writeBackup(Storage& storage, const std::string& file, BackupOptions options,
                           Program& program) {
  std::optional<Progress> progress;
  options.progress = shownOn(progress, program);
  const auto to = [&](Output& out) {
    const auto sink = [&](std::string_view bytes) { out.write(bytes); };
    return backup(storage, sink, options);
  };
  if (file == "-") {
    const BackupContents contents = to(program.out);
    program.out.flush();
    return contents;
  }
  ExportFile target(file);
  const BackupContents contents = to(target.output());
  target.finish();
  return contents;
}

void addBackup(Commands& commands) {
  Command command(commands, "backup", kTransferGroup,
                  "Write all that the store holds to a file, as of one moment");
  const auto& file = command.argument("FILE",
                                      "file to write, replaced at the end; - for standard "
                                      "output");
  const auto& since = command.option("--since", "FILE", "an earlier backup: leave out what it has");
  command.examples(
      "  hexpage backup monday.backup\n"
      "  hexpage backup tuesday.backup --since monday.backup      # only what has changed\n"
      "  hexpage backup - | ssh elsewhere 'cat > store.backup'\n"
      "Others may write meanwhile. With --since the store is compared with what FILE, a whole "
      "backup\n"
      "or one of changes, says of it; only changes are written. The backend binary reads only the\n"
      "hashes in which something was changed, the others are read wholly.");
  command.runs([&](Program& program) {
    stopAtSafePoints();
    BackupOptions options;
    std::optional<Descriptor> input;
    std::optional<BackupSource> earlier;
    if (since) {
      if (*since == file)
        throw Error(Code::InvalidArgument,
                    "--since names the file that is to be written: the earlier backup is needed "
                    "for a restore too");
      input.emplace(openInput(*since));
      earlier = sourceOver(*input, *since);
      options.since = &*earlier;
    }
    Storage storage = program.openToRead();
    const Progress whole(program.errTerminal, 0);
    const BackupContents contents = writeBackup(storage, file, options, program);
    program.say("backed up " + counts(contents) + " in " + durationText(whole.elapsed()) +
                (since ? "; " + counted(contents.written, "item") + " written" : ""));
    return kDone;
  });
}

int checkAll(Program& program, const std::vector<BackupSource>& sources) {
  for (const BackupSource& source : sources) {
    const BackupContents contents = checkBackup(source);
    program.say(printable(source.name) + ": sound; " + counts(contents) + ", " +
                counted(contents.written, "item") + " in it");
  }
  return kDone;
}

void addRestore(Commands& commands) {
  Command command(commands, "restore", kTransferGroup, "Make the store hold what a backup has");
  const auto& files = command.arguments(
      "FILE", "a whole backup, then those of changes in their order; - for standard input");
  const auto& replaces = command.flag("--replace", "replace all that the store has");
  const auto& checks = command.flag("--check", "only read the files and check them");
  command.examples(
      "  hexpage --data new restore monday.backup tuesday.backup\n"
      "  hexpage restore --replace store.backup     # what is not in the backup goes\n"
      "  hexpage restore --check store.backup       # exit code 3 when it is damaged or cut short\n"
      "All is read, checked and built where nobody sees it before anything in the store changes.");
  command.runs([&](Program& program) {
    stopAtSafePoints();
    std::list<Descriptor> inputs;
    std::vector<BackupSource> sources;
    for (const std::string& file : files)
      sources.push_back(sourceOver(inputs.emplace_back(openInput(file)), file));
    if (checks) return checkAll(program, sources);
    Storage storage = program.openToWrite();
    std::optional<Progress> progress;
    const RestoreOptions options{.replace = replaces, .progress = shownOn(progress, program)};
    const Progress whole(program.errTerminal, 0);
    const BackupContents contents = restore(storage, sources, options);
    progress.reset();
    program.say("restored " + counts(contents) + " in " + durationText(whole.elapsed()) +
                "; all compared by count and digest");
    return kDone;
  });
}

}  // namespace

void addBackupCommands(Commands& commands) {
  addBackup(commands);
  addRestore(commands);
}

}  // namespace hexpage::cli
