#include "judge.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "contents.hpp"

namespace hexpage::torture {
namespace {

namespace fs = std::filesystem;

void expectSound(Storage& storage) {
  const Report report = storage.verify();
  for (const Finding& finding : report.findings)
    if (finding.severity == Severity::Error)
      throw std::runtime_error("verify: " + finding.file + ": " + finding.reason);
}

// Files that the store does not know of would never go away.
void expectNoStrays(Storage& storage, const std::string& dir) {
  const std::vector<std::string> files = storage.files();
  const std::set<std::string> owned(files.begin(), files.end());
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(dir)) {
    const std::string name = entry.path().lexically_relative(dir).string();
    if (!entry.is_directory() && !owned.contains(name))
      throw std::runtime_error("stray file " + name);
  }
}

void expectWritable(Storage& storage) {
  storage.hashPut("after", "crash", {{"works", true}});
  if (!storage.hashHas("after", "crash")) throw std::runtime_error("a put after it is not there");
  storage.hashDeleteAll("after", true);
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

}  // namespace

std::size_t positionIn(const Contents& all, const Witness& witness) {
  const Contents found = witness.workload->partOf(all);
  Contents model = witness.workload->after(witness.atLeast);
  const auto nearest = difference(found, model);
  for (std::size_t n = witness.atLeast;; ++n) {
    if (found == model) return n;
    if (n == witness.atMost) break;
    perform(witness.workload->operations[n], model);
  }
  std::string message = witness.workload->worker + " after " + std::to_string(witness.atLeast) +
                        " operations: " + nearest.value();
  if (witness.atMost > witness.atLeast)
    message += " (it may also hold up to " + std::to_string(witness.atMost) + ", the last is " +
               describe(witness.workload->operations[witness.atMost - 1]) + ": " +
               difference(found, model).value() + ")";
  throw std::runtime_error(message);
}

std::chrono::milliseconds judge(const Options& options, const std::string& dir,
                                const std::vector<Witness>& witnesses) {
  const Json config = options.config(dir);
  const auto begin = std::chrono::steady_clock::now();
  std::chrono::milliseconds took{};
  Contents found;
  {
    Storage storage = Storage::open(config);
    took = since(begin);
    if (took > options.openLimit)
      throw std::runtime_error("opening took " + std::to_string(took.count()) + " ms");
    found = readAll(storage);
    for (const Witness& witness : witnesses) positionIn(found, witness);
    expectSound(storage);
    expectNoStrays(storage, dir);
    expectWritable(storage);
  }
  Storage storage = Storage::open(config);
  if (auto differs = difference(readAll(storage), found))
    throw std::runtime_error("opened once more: " + *differs);
  expectSound(storage);
  return took;
}

}  // namespace hexpage::torture
