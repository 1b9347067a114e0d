// verify, repair, compact, adopt: what is wrong with a store, and mending it.
#include <algorithm>
#include <hexpage/doctor.hpp>
#include <hexpage/json_text.hpp>
#include <optional>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/stop.hpp"

namespace hexpage::cli {
namespace {

bool isError(const Finding& finding) { return finding.severity == Severity::Error; }

// `actionWord` says whether the action was done.
std::string findingText(const Finding& finding, const std::string& actionWord) {
  std::string line = finding.file + ": " + (isError(finding) ? "" : "note: ") + finding.reason;
  if (!finding.action.empty()) line += "; " + actionWord + finding.action;
  return printable(line);
}

std::string findingJson(const Finding& finding) {
  Json json = {{"severity", isError(finding) ? "error" : "note"},
               {"file", finding.file},
               {"reason", finding.reason}};
  if (!finding.action.empty()) json["action"] = finding.action;
  return toText(json);
}

std::string summary(const Report& report, const Terminal& terminal) {
  const auto errors = static_cast<std::uint64_t>(
      std::count_if(report.findings.begin(), report.findings.end(), isError));
  const std::string seen = counted(report.hashes, "hash", "hashes") + ", " +
                           counted(report.items, "item") + ", " +
                           counted(report.records, "plain record") + ", " +
                           counted(report.files, "file") + ", " + bytesText(report.bytes);
  const std::string found =
      counted(errors, "error") + ", " + counted(report.findings.size() - errors, "note");
  return seen + ": " + (errors > 0 ? terminal.red(found) : terminal.green(found));
}

void print(const Report& report, bool isJson, Program& program,
           const std::string& actionWord = {}) {
  for (const Finding& finding : report.findings)
    program.out.line(isJson ? findingJson(finding) : findingText(finding, actionWord));
  program.out.flush();
  program.say(summary(report, program.errTerminal));
}

// Whether an error is left that repair could not do anything about.
bool hasUnmended(const Report& report) {
  return std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& finding) {
    return isError(finding) && finding.action.empty();
  });
}

std::string guaranteeText(const Guarantee& guarantee) {
  std::string name = guarantee.name;
  name.resize(std::max<std::size_t>(name.size(), 12), ' ');
  return printable((guarantee.holds ? "ok  " : "NO  ") + name + " " + guarantee.words);
}

std::string guaranteeJson(const Guarantee& guarantee) {
  return toText({{"name", guarantee.name}, {"holds", guarantee.holds}, {"words", guarantee.words}});
}

void addVerify(Commands& commands) {
  Command command(commands, "verify", kLookGroup,
                  "Look at everything stored; exit 3 if it is wrong");
  const auto& isJson = command.flag("--json", "a line of JSON for each finding");
  const auto& accepted = command.options("--accept", "FILE",
                                         "take a file as it is now, if it has "
                                         "the right form, though it does not match its checksum; "
                                         "named as verify names it");
  command.examples(
      "  hexpage verify                   # a line for each finding: file: reason\n"
      "  hexpage verify --accept users/data/3.json    # it was edited by hand, on purpose");
  command.runs([&](Program& program) {
    const Report report =
        accepted.empty() ? program.openToRead().verify() : program.openToChange().accept(accepted);
    print(report, isJson, program);
    return report.clean() ? kDone : kCorrupt;
  });
}

void addRepair(Commands& commands) {
  Command command(commands, "repair", kLookGroup, "Mend what verify finds, without losing an item");
  const auto& isDryRun = command.flag("-n,--dry-run", "only show what it would do");
  const auto& isJson = command.flag("--json", "a line of JSON for each finding");
  command.examples(
      "  hexpage repair --dry-run         # exit code 3 when there is something to mend\n"
      "  hexpage repair                   # exit code 3 when something could not be mended");
  command.runs([&](Program& program) {
    const Report report = program.openToChange().repair(isDryRun);
    print(report, isJson, program, isDryRun ? "on repair: " : "");
    const bool isWrong = isDryRun ? !report.clean() : hasUnmended(report);
    return isWrong ? kCorrupt : kDone;
  });
}

void addCompact(Commands& commands) {
  Command command(commands, "compact", kLookGroup,
                  "Give back the room of what was overwritten or removed");
  command.examples(
      "  hexpage --backend binary compact\n"
      "Others may read and write meanwhile. A backend that keeps no such room returns at once.");
  command.runs([&](Program& program) {
    stopAtSafePoints();
    Storage storage = program.openToChange();
    std::optional<Progress> progress;
    const Progress whole(program.errTerminal, 0);
    const std::uint64_t gained = storage.compact([&](std::uint64_t done, std::uint64_t total) {
      throwIfStopped();
      if (!progress) progress.emplace(program.errTerminal, total, Progress::Unit::Bytes);
      progress->show(done, done);
    });
    progress.reset();
    program.say("gave back " + bytesText(gained) + " in " + durationText(whole.elapsed()));
    return kDone;
  });
}

void addDoctor(Commands& commands) {
  Command command(commands, "doctor", kLookGroup,
                  "Try what this kernel and filesystem do for a store; exit 1 if something lacks");
  const auto& isJson = command.flag("--json", "a line of JSON for each");
  command.examples("  hexpage --data /srv/store doctor");
  command.runs([&](Program& program) {
    const std::vector<Guarantee> guarantees = examine(effectiveConfig(program.options));
    bool allHold = true;
    for (const Guarantee& guarantee : guarantees) {
      allHold = allHold && guarantee.holds;
      program.out.line(isJson ? guaranteeJson(guarantee) : guaranteeText(guarantee));
    }
    return allHold ? kDone : kNotThere;
  });
}

void addAdopt(Commands& commands) {
  Command command(commands, "adopt", kLookGroup,
                  "Make paths that another program wrote known to ls (MD5 layout)");
  const auto& paths = command.arguments("PATH", "paths of hashes or records");
  command.examples("  hexpage --set raw_file_paths=false adopt users settings/mail");
  command.runs([&](Program& program) {
    Storage storage = program.openToChange();
    for (const std::string& path : paths) storage.adopt(path);
    return kDone;
  });
}

}  // namespace

void addCheckCommands(Commands& commands) {
  addVerify(commands);
  addRepair(commands);
  addCompact(commands);
  addDoctor(commands);
  addAdopt(commands);
}

}  // namespace hexpage::cli
