// The config that a command opens its store with: a file's, then what the command line says.
#pragma once

#include <hexpage/types.hpp>
#include <string>
#include <vector>

namespace hexpage::cli {

struct ConfigOptions {
  std::string file;  // "" for HEXPAGE_CONFIG's, if it names one
  std::string data;  // the chosen backend's base_dir
  std::string backend;
  std::vector<std::string> settings;  // "key=value"
};

// Throws InvalidArgument when the file or a setting makes no sense. Whether the members are known
// is Storage::open's to say, or Storage::checkConfig's.
Json effectiveConfig(const ConfigOptions& options);

// The config of a store that a command names by one word: `BACKEND:DIR`, a JSON object, or the name
// of a config file. HEXPAGE_CONFIG does not matter. Throws as effectiveConfig.
Json configNamed(const std::string& word);

// Where the config's store lives; "" when it needs no directory.
std::string dataDirectory(const Json& config);

// Whether the names of the store's files do not tell the paths of what is in them.
bool hidesPaths(const Json& config);

}  // namespace hexpage::cli
