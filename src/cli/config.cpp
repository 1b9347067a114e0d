#include "src/cli/config.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <hexpage/storage.hpp>
#include <iterator>
#include <string_view>

#include "src/cli/refuse.hpp"

namespace hexpage::cli {
namespace {

constexpr const char* kDefaultBackend = "filesystem";

struct DefaultDirectory {
  std::string_view backend;
  const char* directory;
};

// Where the stores of one who names no directory are.
constexpr std::array<DefaultDirectory, 2> kDefaultDirectories = {
    {{kDefaultBackend, "./data"}, {"binary", "./data.bin"}}};

// A setting with one of these names is the chosen backend's, without naming its section.
constexpr std::array<std::string_view, 17> kBackendKeys = {"allow_network_fs",
                                                           "allow_shared_directory",
                                                           "base_dir",
                                                           "cache",
                                                           "checkpoint_bytes",
                                                           "checksums",
                                                           "compact_in_background",
                                                           "directory_mode",
                                                           "file_mode",
                                                           "index_cache",
                                                           "key_namespaces",
                                                           "key_prefix",
                                                           "key_template",
                                                           "pretty",
                                                           "raw_file_paths",
                                                           "segment_bytes",
                                                           "verify_reads"};

std::string contentOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const int error = errno;
    const bool isScarce = error == EMFILE || error == ENFILE || error == ENOMEM;
    throw Error(isScarce ? Code::Io : Code::InvalidArgument,
                "config file " + file + ": " + std::strerror(error), error);
  }
  // A directory can be opened, but not read.
  if (std::filesystem::is_directory(file))
    refuse("config file " + file + ": " + std::strerror(EISDIR));
  return {std::istreambuf_iterator<char>(in), {}};
}

// `what` is what errors call it.
Json parsedConfig(const std::string& text, const std::string& what) {
  Json config;
  try {
    validateDocument(text);  // which refuses a member that is there twice
    config = parseJson(text);
  } catch (const Error& error) {
    refuse(what + ": " + error.what());
  }
  if (!config.is_object()) refuse(what + ": not a JSON object");
  return config;
}

Json configIn(const std::string& file) {
  return parsedConfig(contentOf(file), "config file " + file);
}

Json baseConfig(const std::string& file) {
  if (!file.empty()) return configIn(file);
  const char* fromEnvironment = std::getenv("HEXPAGE_CONFIG");
  return fromEnvironment && *fromEnvironment ? configIn(fromEnvironment) : Json::object();
}

Json settingValue(const std::string& text) {
  try {
    return parseJson(text);
  } catch (const Error&) {
    return text;
  }
}

// The object member of that name, made if need be.
Json& section(Json& object, const std::string& name) {
  Json& member = object[name];
  if (member.is_null()) member = Json::object();
  if (!member.is_object()) refuse("config: " + name + " is not an object");
  return member;
}

// "a.b.c" -> {"a", "b", "c"}
std::vector<std::string> segmentsOf(const std::string& name) {
  std::vector<std::string> segments(1);
  for (const char c : name) {
    if (c == '.')
      segments.emplace_back();
    else
      segments.back() += c;
  }
  return segments;
}

// Of a section those members stay that the value does not name, --data's among them.
void put(Json& member, Json value) {
  if (!member.is_object() || !value.is_object()) {
    member = std::move(value);
    return;
  }
  for (auto& [name, inner] : value.items()) put(member[name], std::move(inner));
}

void assign(Json& config, const std::string& backend, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0)
    refuse("--set " + setting + ": expected key=value");
  const auto segments = segmentsOf(setting.substr(0, equals));
  Json* object = &config;
  if (std::find(kBackendKeys.begin(), kBackendKeys.end(), segments.front()) != kBackendKeys.end())
    object = &section(config, backend);
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) object = &section(*object, segments[i]);
  put((*object)[segments.back()], settingValue(setting.substr(equals + 1)));
}

std::string backendOf(const Json& config) {
  const auto backend = config.find("backend");
  if (backend == config.end()) return kDefaultBackend;
  if (!backend->is_string()) refuse("config: backend is not a string");
  return backend->get<std::string>();
}

// Of the chosen backend's section; null when it is not there.
Json backendSetting(const Json& config, const char* name) {
  const auto section = config.find(backendOf(config));
  return section != config.end() && section->is_object() ? section->value(name, Json()) : Json();
}

Json withOptions(Json config, const ConfigOptions& options) {
  if (!options.backend.empty()) config["backend"] = options.backend;
  // `--set backend=...` chooses whose section the other settings go to, so it comes first.
  for (const std::string& setting : options.settings)
    if (setting.starts_with("backend=")) assign(config, "", setting);
  const std::string backend = backendOf(config);
  // With a section of that name the library would complain about the section, not the backend.
  Storage::checkConfig({{"backend", backend}});
  config["backend"] = backend;
  for (const auto& [name, directory] : kDefaultDirectories)
    if (backend == name && !section(config, backend).contains("base_dir"))
      section(config, backend)["base_dir"] = directory;
  if (!options.data.empty()) section(config, backend)["base_dir"] = options.data;
  for (const std::string& setting : options.settings) assign(config, backend, setting);
  return config;
}

// `binary:data`; a backend's name has nothing in it that a file's name needs.
bool isShorthand(const std::string& word) {
  const std::size_t colon = word.find(':');
  return colon != std::string::npos && colon > 0 &&
         word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == colon;
}

}  // namespace

Json effectiveConfig(const ConfigOptions& options) {
  return withOptions(baseConfig(options.file), options);
}

Json configNamed(const std::string& word) {
  if (word.starts_with('{')) return withOptions(parsedConfig(word, "config " + word), {});
  if (!isShorthand(word)) {
    if (std::filesystem::is_directory(word))
      refuse(word + " is a directory: say what kind of store it is, as in filesystem:" + word);
    return withOptions(configIn(word), {});
  }
  const std::size_t colon = word.find(':');
  const std::string directory = word.substr(colon + 1);
  if (directory.empty()) refuse(word + ": no directory behind the colon");
  ConfigOptions options;
  options.backend = word.substr(0, colon);
  options.data = directory;
  return withOptions(Json::object(), options);
}

std::string dataDirectory(const Json& config) {
  const Json directory = backendSetting(config, "base_dir");
  return directory.is_string() ? directory.get<std::string>() : std::string();
}

bool hidesPaths(const Json& config) {
  const Json isRaw = backendSetting(config, "raw_file_paths");
  return isRaw == false || isRaw == 0;
}

}  // namespace hexpage::cli
