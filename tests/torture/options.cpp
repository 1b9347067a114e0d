#include "options.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace hexpage::torture {
namespace {

// The backend's name and its section, without a directory.
std::pair<std::string, Json> sectionOf(const std::string& backend) {
  if (backend == "raw") return {"filesystem", Json::object()};
  if (backend == "md5") return {"filesystem", {{"raw_file_paths", false}}};
  return {backend, Json::object()};
}

std::uint64_t number(const std::string& flag, const std::string& text) {
  std::size_t used = 0;
  std::uint64_t value = 0;
  try {
    value = std::stoull(text, &used);
  } catch (const std::exception&) {
  }
  if (used == 0 || used != text.size())
    throw std::invalid_argument(flag + " needs a whole number, not \"" + text + "\"");
  return value;
}

void set(Options& options, const std::string& flag, const std::string& value) {
  if (flag == "--backend")
    options.backend = value;
  else if (flag == "--durability")
    options.durability = value;
  else if (flag == "--seconds")
    options.seconds = std::chrono::seconds(number(flag, value));
  else if (flag == "--seed")
    options.seed = number(flag, value);
  else if (flag == "--most")
    options.most = number(flag, value);
  else if (flag == "--point")
    options.point = number(flag, value);
  else if (flag == "--processes")
    options.processes = std::max<std::size_t>(1, number(flag, value));
  else if (flag == "--threads")
    options.threads = std::max<std::size_t>(1, number(flag, value));
  else if (flag == "--sync-interval")
    options.syncInterval = number(flag, value);
  else if (flag == "--open-limit")
    options.openLimit = std::chrono::milliseconds(number(flag, value));
  else
    throw std::invalid_argument("unknown option " + flag);
}

// False when the flag is not one without a value.
bool setFact(Options& options, const std::string& flag) {
  if (flag == "--one-file")
    options.isOneFile = true;
  else if (flag == "--no-kills")
    options.isKillFree = true;
  else if (flag == "--allow-silent")
    options.isSilenceAllowed = true;
  else
    return false;
  return true;
}

}  // namespace

Options Options::forRound(std::uint64_t roundSeed) const {
  // The default, each call in its files, and in the middle of calls.
  static constexpr std::uint64_t kIntervals[] = {1000, 0, 2, 15};
  Options round = *this;
  round.seed = roundSeed;
  if (!syncInterval) round.syncInterval = kIntervals[roundSeed % std::size(kIntervals)];
  return round;
}

Json Options::config(const std::string& dir) const {
  Json config;
  std::string name;
  if (backend.find('{') == 0) {
    config = Json::parse(backend);
    name = config.at("backend");
  } else {
    Json section;
    std::tie(name, section) = sectionOf(backend);
    config = {{"backend", name}, {name, section}};
  }
  config["hash_page_size"] = 4;
  config["durability"] = durability;
  config["lock_timeout"] = 20'000;
  if (syncInterval) config["sync_interval"] = *syncInterval;
  config[name]["base_dir"] = dir;
  return config;
}

std::string Options::flags(std::uint64_t roundSeed) const {
  std::string flags = mode + " --backend '" + backend + "' --durability " + durability;
  if (processes != 1) flags += " --processes " + std::to_string(processes);
  if (syncInterval) flags += " --sync-interval " + std::to_string(*syncInterval);
  if (threads != 1) flags += " --threads " + std::to_string(threads);
  if (isOneFile) flags += " --one-file";
  if (isKillFree) flags += " --no-kills";
  if (isSilenceAllowed) flags += " --allow-silent";
  return flags + " --seed " + std::to_string(roundSeed);
}

Options parseOptions(int argc, char** argv) {
  if (argc < 2) throw std::invalid_argument("what to do?");
  Options options;
  options.mode = argv[1];
  options.seed = std::random_device{}();
  for (int i = 2; i < argc; ++i) {
    const std::string flag = argv[i];
    if (setFact(options, flag)) continue;
    if (i + 1 == argc) throw std::invalid_argument(flag + " needs a value");
    set(options, flag, argv[++i]);
  }
  return options;
}

std::string usage() {
  return "usage: hexpage_torture kill|race|fault|full|corrupt|power|ext4cut [options]\n"
         "  --backend raw|md5|binary|JSON   the store's config (raw)\n"
         "  --durability crash|power        its durability (crash)\n"
         "  --seconds N                     stop after so long (60)\n"
         "  --seed N                        of the workloads (random)\n"
         "  --most N                        stop after so many points\n"
         "  --point N                       only this point of the seed's workload\n"
         "  --processes N                   that work at once (1)\n"
         "  --sync-interval MS              of the stores (one of 0, 2, 15, 1000, by the seed)\n"
         "  --threads N                     of each of them, in a race (1)\n"
         "  --one-file                      only operations that replace one file\n"
         "  --no-kills                      nobody is killed in a race\n"
         "  --allow-silent                  only count damage that is not noticed\n"
         "  --open-limit MS                 how long an opening may take (1000)\n";
}

}  // namespace hexpage::torture
