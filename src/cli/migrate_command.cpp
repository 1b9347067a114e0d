// migrate: what is in one store into another, whatever their backends are.
#include <filesystem>
#include <hexpage/error.hpp>
#include <hexpage/migrate.hpp>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/stop.hpp"

namespace hexpage::cli {
namespace {

// Names a store alike in every run: the backend, and the directory whatever way it is given.
std::string nameOf(const Json& config) {
  std::string directory = dataDirectory(config);
  if (!directory.empty()) directory = std::filesystem::weakly_canonical(directory).string();
  if (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  return config.at("backend").get<std::string>() + ":" + directory;
}

void refuseGlobalOptions(const ConfigOptions& options) {
  if (options.data.empty() && options.backend.empty() && options.settings.empty() &&
      options.file.empty())
    return;
  throw Error(Code::InvalidArgument,
              "migrate takes its stores by --from and --to; --data, --backend, --config and --set "
              "belong in what these name");
}

std::string summary(const Migrated& migrated, std::chrono::duration<double> elapsed) {
  const std::string what = counted(migrated.hashes, "hash", "hashes") + ", " +
                           counted(migrated.records, "plain record") + ", " +
                           counted(migrated.items, "item");
  return "migrated " + what + " in " + durationText(elapsed) + ", " +
         (migrated.isResumed ? "going on where an earlier run stopped"
                             : rateText(migrated.items, elapsed)) +
         "; all compared by count and digest";
}

int runMigration(Program& program, const Json& from, const Json& to, MigrateOptions options) {
  if (nameOf(from) == nameOf(to))
    throw Error(Code::InvalidArgument, "--from and --to are the same store: " + nameOf(from));
  options.source = nameOf(from);
  stopAtSafePoints();
  Storage source = program.openStore(from, false);
  Storage target = program.openStore(to, true);
  std::optional<Progress> progress;
  options.progress = [&](const MigrationProgress& at) {
    throwIfStopped();
    if (!progress) progress.emplace(program.errTerminal, at.totalItems);
    progress->show(at.items, at.items);
  };
  const Progress whole(program.errTerminal, 0);
  const Migrated migrated = migrate(source, target, options);
  progress.reset();
  program.say(summary(migrated, whole.elapsed()));
  return kDone;
}

}  // namespace

void addMigrateCommand(Commands& commands) {
  Command command(commands, "migrate", kTransferGroup,
                  "Copy hashes and records into another store, of any backend");
  const auto& from = command.requiredOption("--from", "CONFIG", "the store to read");
  const auto& to = command.requiredOption("--to", "CONFIG", "the store to fill; made if need be");
  const auto& paths =
      command.optionalArguments("PATH", "hashes and records to copy; without any all of them");
  const auto& replaces = command.flag("--replace", "replace what the destination has of these");
  const auto& restarts = command.flag("--restart", "begin anew, not where an earlier run stopped");
  command.examples(
      "  hexpage migrate --from filesystem:data --to binary:data.bin\n"
      "  hexpage migrate --from filesystem:data --to service.json users sessions\n"
      "  hexpage migrate --from "
      "'{\"filesystem\":{\"base_dir\":\"node\",\"raw_file_paths\":false}}' \\\n"
      "                  --to filesystem:data users\n"
      "CONFIG is BACKEND:DIRECTORY, a JSON object, or a config file. A hash appears in the\n"
      "destination when it is whole and has been compared. After a kill the same command goes on\n"
      "where it stopped. Where file names do not tell paths (MD5 layout), name the hashes.");
  command.runs([&](Program& program) {
    refuseGlobalOptions(program.options);
    MigrateOptions options;
    options.paths = paths;
    options.replace = replaces;
    options.restart = restarts;
    return runMigration(program, withoutDatabases(configNamed(from)),
                        withoutDatabases(configNamed(to)), options);
  });
}

}  // namespace hexpage::cli
