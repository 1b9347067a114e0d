#include "filesystem/filesystem_backend.hpp"

#include <hexpage/error.hpp>

#include "filesystem/directory_settings.hpp"
#include "filesystem/examination.hpp"
#include "filesystem/journaled_store.hpp"
#include "filesystem/read_only_store.hpp"
#include "paged/paged_backend.hpp"
#include "support/options.hpp"
#include "support/read_only_backend.hpp"

namespace hexpage {
namespace {

// Without a '/' at either end, as the reference takes it.
std::string trimmed(std::string text) {
  if (text.starts_with('/')) text.erase(0, 1);
  if (text.ends_with('/')) text.pop_back();
  return text;
}

void checkRelative(const std::string& member, const std::string& text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    if (text[begin] == '.')
      throw Error(Code::InvalidArgument,
                  "config: filesystem." + member + " must not have a segment that begins with '.'");
    begin = end + 1;
  }
}

FileLayout readLayout(Options& options) {
  FileLayout layout;
  layout.rawFilePaths = options.flag("raw_file_paths", true);
  layout.keyPrefix = trimmed(options.text("key_prefix", ""));
  layout.keyNamespaces = options.flag("key_namespaces", false);
  layout.keyTemplate = trimmed(options.text("key_template", ""));
  checkRelative("key_prefix", layout.keyPrefix);
  checkRelative("key_template", layout.keyTemplate);
  const bool tellsApart = layout.keyTemplate.empty() ||
                          layout.keyTemplate.find("[key]") != std::string::npos ||
                          layout.keyTemplate.find("[md5]") != std::string::npos;
  if (!tellsApart)
    throw Error(Code::InvalidArgument,
                "config: filesystem.key_template must have [key] or [md5] in it, or two records "
                "would share a file");
  return layout;
}

CacheLimits readCache(const Json& section) {
  Options options(section, "filesystem.cache");
  CacheLimits limits;
  const bool isOn = options.flag("enabled", true);
  const std::uint64_t bytes = options.number("maxBytes", limits.bytes);
  limits.bytes = bytes == 0 ? std::numeric_limits<std::size_t>::max() : bytes;
  limits.pages = options.number("maxItems", 0);
  limits.ageMillis =
      static_cast<std::int64_t>(options.number("maxAge", 0, 0, 1'000'000'000)) * 1000;
  options.finish();
  if (!isOn) limits.bytes = 0;
  return limits;
}

struct Settings {
  JournaledStoreOptions files;
  PagedOptions pages;
};

Settings readSection(const Json& section, const CommonSettings& common) {
  Options options(section, "filesystem");
  JournaledStoreOptions files;
  files.baseDir = options.text("base_dir", "data");
  while (files.baseDir.size() > 1 && files.baseDir.ends_with('/')) files.baseDir.pop_back();
  if (files.baseDir.empty())
    throw Error(Code::InvalidArgument, "config: filesystem.base_dir must name a directory");
  files.layout = readLayout(options);
  files.layout.lowerCaseKeys = common.lowerCaseKeys;
  files.syncsCommits = common.durability == "power";
  const bool hasChecksums = options.flag("checksums", true);
  if (section.contains("checksums")) files.checksums = hasChecksums;
  files.directory = readDirectoryRules(options, "filesystem");
  files.lockTimeout = common.lockTimeout;
  files.syncInterval = common.syncInterval;
  const PagedOptions pages{options.flag("pretty", false) ? Style::Pretty : Style::Compact,
                           readCache(options.section("cache"))};
  options.finish();
  return {files, pages};
}

// Null when another process has the store open to write.
std::unique_ptr<Backend> openToRead(const Settings& settings) {
  auto store = ReadOnlyStore::open(settings.files);
  return store ? makePagedBackend(std::move(store), settings.pages) : nullptr;
}

// `refusal`: why it can not be opened to write.
std::unique_ptr<Backend> openToReadInstead(const Settings& settings, const Error& refusal) {
  std::unique_ptr<Backend> backend;
  try {
    backend = openToRead(settings);
  } catch (const Error&) {
    throw refusal;
  }
  if (!backend)
    throw Error(refusal.code(),
                std::string(refusal.what()) + ". Another process has " + settings.files.baseDir +
                    " open: who reads along must be able to write in its .hexpage",
                refusal.systemCode());
  return makeReadOnly(std::move(backend), openedToReadOnly(settings.files.baseDir, refusal));
}

}  // namespace

void checkFilesystemSection(const Json& section, const CommonSettings& common) {
  readSection(section, common);
}

std::vector<Guarantee> examineFilesystem(const Json& section, const CommonSettings& common) {
  const JournaledStoreOptions files = readSection(section, common).files;
  return examineDirectory(files.baseDir, files.directory);
}

std::unique_ptr<Backend> makeFilesystemBackend(const Json& section, const CommonSettings& common) {
  const Settings settings = readSection(section, common);
  if (common.readOnly)
    if (auto backend = openToRead(settings)) return backend;
  try {
    return makePagedBackend(std::make_unique<JournaledStore>(settings.files), settings.pages);
  } catch (const Error& e) {
    if (!isRefusedToWrite(e)) throw;
    return openToReadInstead(settings, e);
  }
}

}  // namespace hexpage
