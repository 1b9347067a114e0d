#include "src/cli/stored_path.hpp"

#include "src/cli/terminal.hpp"

namespace hexpage::cli {
namespace {

std::string withoutOuterSlashes(const std::string& path) {
  const std::size_t first = path.find_first_not_of('/');
  if (first == std::string::npos) return {};
  return path.substr(first, path.find_last_not_of('/') - first + 1);
}

}  // namespace

void noteStoredPath(const Program& program, Storage& storage, const std::string& given) {
  const std::string stored = storage.hashGetInfo(given).path;
  if (stored != withoutOuterSlashes(given))
    program.say(printable("note: stored as \"" + stored + "\""));
}

}  // namespace hexpage::cli
