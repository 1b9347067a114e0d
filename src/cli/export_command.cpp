// export: every item as a line of JSON that import takes back as it was.
#include "src/cli/command.hpp"
#include "src/cli/document.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/export_file.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/progress.hpp"

namespace hexpage::cli {
namespace {

std::uint64_t writeItems(Storage& storage, const std::string& hash, Output& out,
                         Progress& progress) {
  std::uint64_t items = 0;
  storage.hashEachItem(hash, [&](const Item& item) {
    out.line(itemLine(item));
    ++items;
    progress.show(items, items);
  });
  return items;
}

}  // namespace

void addExportCommand(Commands& commands) {
  Command command(commands, "export", kTransferGroup, "Write all documents to a file");
  const auto& hash = command.hashArgument();
  const auto& file =
      command.optionalArgument("FILE", "file to write, replaced at the end; else standard output");
  command.examples(
      "  hexpage export users users.jsonl\n"
      "  hexpage export users | gzip > users.jsonl.gz\n"
      "  hexpage export users | hexpage --data elsewhere import users -");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    const HashInfo info = storage.hashGetInfo(hash);
    Progress progress(program.errTerminal, info.length);
    std::uint64_t items = 0;
    if (file.empty() || file == "-") {
      items = writeItems(storage, hash, program.out, progress);
      program.out.flush();
    } else {
      ExportFile target(file);
      items = writeItems(storage, hash, target.output(), progress);
      target.finish();
    }
    progress.clear();
    program.say("exported " + counted(items, "item") + " of " + info.path + " in " +
                durationText(progress.elapsed()));
    return kDone;
  });
}

}  // namespace hexpage::cli
