// Runs the stages in turn over all engines, round by round, each in a process of its own, and
// writes the medians as a table and every figure as JSON. bench/kv/run builds and calls it.
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/kv/measure.hpp"
#include "bench/kv/stages.hpp"

namespace hexpage::bench {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kUsage = R"(usage: bench_kv [option...]
  --records N      of 33 + 750 random bytes (200000)
  --rounds N       (3)
  --engines A,B    of hexpage and those that were found; bare is a file without an engine (all)
  --stages A,B     of load, reopen, iterate, churn, commits, synced, small, recover, hashes (all);
                   the second to the fourth need what load left
  --directory D    for the stores; a disk, not memory (build/bench/kv)
  --output FILE    the table; FILE with .json has all figures (build/bench/kv.md)
)";

struct Row {
  std::string figure, title, unit;
  bool isMoreBetter = false;
};

const std::vector<Row> kRows{
    {"load", "load in one transaction", "s"},
    {"load_cpu", "- CPU time", "s"},
    {"load_peak", "- peak memory, mapped files too", "MiB"},
    {"commit", "transaction of 10, safe from a kill", "µs"},
    {"commit_cpu", "- CPU time", "µs"},
    {"commit_peak", "- peak memory, mapped files too", "MiB"},
    {"synced", "transaction of 10, synced", "µs"},
    {"space_written", "space after the load", "MiB"},
    {"space_closed", "space after closing", "MiB"},
    {"read", "random read of all, same process", "s"},
    {"read_cpu", "- CPU time", "s"},
    {"read_anonymous", "- memory then, without mapped files", "MiB"},
    {"read_many", "the same, 100 a call", "s"},
    {"read_cold", "random read of all, reopened, cold", "s"},
    {"read_cold_cpu", "- CPU time", "s"},
    {"small_half_1", "small values, half updates, 1 thread", "M/s", true},
    {"small_half_2", "small values, half updates, 2 threads", "M/s", true},
    {"small_read_1", "small values, reads, 1 thread", "M/s", true},
    {"small_read_2", "small values, reads, 2 threads", "M/s", true},
    {"iterate_first", "iterate all, first", "s"},
    {"iterate", "iterate all, again", "s"},
    {"iterate_cold", "iterate all, reopened, cold", "s"},
    {"iterate_churned", "iterate all, with garbage in the store", "s"},
    {"kv_set", "set documents of 750 B, one a transaction", "k/s", true},
    {"hash_put_text", "- hashPutText of the same", "k/s", true},
    {"hash_put", "- hashPut, as Json", "k/s", true},
    {"kv_get", "get them", "k/s", true},
    {"hash_get_text", "- hashGetText", "k/s", true},
    {"hash_get", "- hashGet, as Json", "k/s", true},
    {"open", "open and read one", "ms"},
    {"open_cold", "open and read one, cold", "ms"},
    {"recover", "open after kill -9, up to 1 GB unindexed", "ms"},
    {"churn", "delete half, overwrite all", "s"},
    {"space_churned", "space after that, nobody compacting", "MiB"},
    {"compact", "compact", "s"},
    {"space_compacted", "space after that and closing", "MiB"},
};

struct Options {
  std::uint64_t records = 200'000;
  unsigned rounds = 3;
  std::vector<std::string> engines, stages;
  std::string directory = "build/bench/kv";
  std::string output = "build/bench/kv.md";
  std::string oneStage, oneEngine;  // for the process that measures
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

Options parse(int count, char** words) {
  Options options;
  for (const Stage& stage : stages()) options.stages.push_back(stage.name);
  for (const PeerKind& kind : peerKinds()) options.engines.push_back(kind.name);
  options.engines.push_back("bare");
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    if (name == "--help") {
      std::cout << kUsage;
      std::exit(0);
    }
    if (++i == count) throw std::invalid_argument(name + " needs a value\n" + kUsage);
    const std::string value = words[i];
    if (name == "--records")
      options.records = std::stoull(value);
    else if (name == "--rounds")
      options.rounds = static_cast<unsigned>(std::stoul(value));
    else if (name == "--engines")
      options.engines = split(value);
    else if (name == "--stages")
      options.stages = split(value);
    else if (name == "--directory")
      options.directory = value;
    else if (name == "--output")
      options.output = value;
    else if (name == "--one-stage")
      options.oneStage = value;
    else if (name == "--one-engine")
      options.oneEngine = value;
    else
      throw std::invalid_argument("unknown option " + name + "\n" + kUsage);
  }
  return options;
}

template <class Named>
const Named& named(const std::vector<Named>& all, const std::string& name) {
  std::string known;
  for (const Named& one : all) {
    if (one.name == name) return one;
    known += " " + one.name;
  }
  throw std::invalid_argument("unknown: " + name + "; known:" + known);
}

// The process that measures.
void measureOne(const Options& options) {
  const std::string directory = options.directory + "/" + options.oneEngine;
  const Figures figures =
      options.oneEngine == "bare"
          ? bareSyncs(options.directory, options.records)
          : named(stages(), options.oneStage)
                .run({named(peerKinds(), options.oneEngine), directory, options.records});
  std::cout << Json(figures) << "\n";
}

Figures measureInProcess(const Options& options, const std::string& stage,
                         const std::string& engine) {
  const std::string self = fs::read_symlink("/proc/self/exe");
  const std::string command = "'" + self + "' --records " + std::to_string(options.records) +
                              " --directory '" + options.directory + "' --one-stage " + stage +
                              " --one-engine " + engine;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  require(pipe != nullptr, "can not start a process");
  std::string text;
  std::array<char, 4096> part;
  for (std::size_t n; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
    text.append(part.data(), n);
  if (::pclose(pipe) != 0) {
    std::cerr << engine << " failed at " << stage << "\n";
    return {};
  }
  return Json::parse(text).get<Figures>();
}

// All rounds: engine -> figure -> one value a round.
using Results = std::map<std::string, std::map<std::string, std::vector<double>>>;

void settle(const Options& options) {
  const pid_t child = ::fork();
  if (child == 0) {
    touchMemory(std::min<std::uint64_t>(options.records * 800 * 3, std::uint64_t{6} << 30));
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  ::sync();
}

Results measureAll(const Options& options) {
  Results results;
  for (unsigned round = 0; round < options.rounds; ++round)
    for (const std::string& stage : options.stages)
      for (const std::string& engine : options.engines) {
        if (engine == "bare" && stage != "synced") continue;
        settle(options);
        std::cerr << "round " << round + 1 << "  " << stage << "  " << engine << "\n";
        for (const auto& [figure, value] : measureInProcess(options, stage, engine))
          results[engine][figure].push_back(value);
      }
  return results;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string shortly(double value) {
  char text[32];
  std::snprintf(text, sizeof text,
                value >= 100  ? "%.0f"
                : value >= 10 ? "%.1f"
                : value >= 1  ? "%.2f"
                              : "%.3f",
                value);
  return text;
}

std::string cell(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  std::string text = shortly(median(values));
  if (values.size() > 1) text += " (" + shortly(*least) + "–" + shortly(*most) + ")";
  return text;
}

// How many times better than the best of the others.
std::string advantage(const Results& results, const Row& row) {
  const auto ours = results.find("hexpage");
  if (ours == results.end() || !ours->second.count(row.figure)) return "";
  const double mine = median(ours->second.at(row.figure));
  double best = 0;
  std::string who;
  for (const auto& [engine, figures] : results) {
    if (engine == "hexpage" || engine == "bare" || !figures.count(row.figure)) continue;
    const double theirs = median(figures.at(row.figure));
    const double times = row.isMoreBetter ? mine / theirs : theirs / mine;
    if (who.empty() || times < best) {
      best = times;
      who = engine;
    }
  }
  return who.empty() ? "" : shortly(best) + " × " + who;
}

std::string machine() {
  utsname system{};
  ::uname(&system);
  std::ifstream cpus("/proc/cpuinfo");
  std::string model = "?";
  for (std::string line; std::getline(cpus, line);)
    if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
  return model + ", " + std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + " CPUs, " +
         std::to_string(::sysconf(_SC_PHYS_PAGES) / (1 << 18)) + " GiB, " + system.sysname + " " +
         system.release;
}

std::string table(const Options& options, const Results& results) {
  std::ostringstream out;
  out << options.records << " records, medians of " << options.rounds << " rounds (least–most); "
      << machine() << ".\n\n|  |";
  for (const std::string& engine : options.engines) out << " " << engine << " |";
  out << " hexpage beside the best peer |\n|---|";
  for (std::size_t i = 0; i <= options.engines.size(); ++i) out << "---|";
  out << "\n";
  for (const Row& row : kRows) {
    std::ostringstream cells;
    bool isMeasured = false;
    for (const std::string& engine : options.engines) {
      const auto found = results.find(engine);
      const bool isThere = found != results.end() && found->second.count(row.figure) != 0;
      isMeasured = isMeasured || isThere;
      cells << " " << (isThere ? cell(found->second.at(row.figure)) : "") << " |";
    }
    if (isMeasured)
      out << "| " << row.title << ", " << row.unit << " |" << cells.str() << " "
          << advantage(results, row) << " |\n";
  }
  out << "\n";
  for (const PeerKind& kind : peerKinds())
    out << "- " << kind.name << ": " << kind.settings << ".\n";
  for (const std::string& missing : missingPeers()) out << "- " << missing << ": not installed.\n";
  return out.str();
}

void run(const Options& options) {
  fs::create_directories(options.directory);
  const Results results = measureAll(options);
  const std::string text = table(options, results);
  std::cout << text;
  std::ofstream(options.output) << text;
  Json all{{"records", options.records}, {"machine", machine()}, {"rounds", results}};
  std::ofstream(fs::path(options.output).replace_extension(".json")) << all.dump(1) << "\n";
  for (const std::string& engine : options.engines)
    fs::remove_all(options.directory + "/" + engine);
}

}  // namespace
}  // namespace hexpage::bench

int main(int count, char** words) {
  using namespace hexpage::bench;
  try {
    const Options options = parse(count, words);
    options.oneStage.empty() ? run(options) : measureOne(options);
  } catch (const std::exception& error) {
    std::cerr << "bench_kv: " << error.what() << "\n";
    return 1;
  }
}
