#include "binary/binary_settings.hpp"

#include <algorithm>
#include <hexpage/error.hpp>

#include "filesystem/directory_settings.hpp"
#include "support/options.hpp"

namespace hexpage {
namespace {

constexpr std::uint64_t kLeastSegment = std::uint64_t{64} << 10;
constexpr std::uint64_t kMostSegment = std::uint64_t{64} << 20;
constexpr std::uint64_t kLeastCheckpoint = std::uint64_t{64} << 10;

const std::vector<std::string> kVerifyReads = {"never", "first", "always"};

kv::VerifyReads verifyReads(Options& options, const Json& section) {
  const bool isFlag = section.is_object() && section.value("verify_reads", Json()).is_boolean();
  const std::string when = isFlag ? options.flag("verify_reads", true) ? "always" : "never"
                                  : options.oneOf("verify_reads", "first", kVerifyReads);
  if (when == "never") return kv::VerifyReads::Never;
  return when == "first" ? kv::VerifyReads::First : kv::VerifyReads::Always;
}

}  // namespace

BinarySettings readBinarySection(const Json& section, const CommonSettings& common) {
  Options options(section, "binary");
  BinarySettings settings;
  settings.baseDir = options.text("base_dir", "data.bin");
  while (settings.baseDir.size() > 1 && settings.baseDir.ends_with('/'))
    settings.baseDir.pop_back();
  if (settings.baseDir.empty())
    throw Error(Code::InvalidArgument, "config: binary.base_dir must name a directory");
  settings.directory = readDirectoryRules(options, "binary");
  kv::Options& store = settings.store;
  store.fileMode = settings.directory.modes.file;
  store.directoryMode = settings.directory.modes.directory;
  store.allowSharedDirectory = settings.directory.allowsShared;
  store.allowNetworkFilesystem = settings.directory.allowsNetwork;
  store.segmentBytes =
      options.number("segment_bytes", store.segmentBytes, kLeastSegment, kMostSegment);
  store.checkpointBytes =
      options.number("checkpoint_bytes", store.checkpointBytes, kLeastCheckpoint);
  store.indexCacheBytes = options.memory("index_cache", 0);
  store.verifyReads = verifyReads(options, section);
  store.compactInBackground = options.flag("compact_in_background", true);
  options.finish();
  store.durability = common.durability == "power" ? kv::Durability::Power : kv::Durability::Crash;
  store.lockTimeout = common.lockTimeout;
  store.readOnly = common.readOnly;
  settings.lowerCaseKeys = common.lowerCaseKeys;
  // What was committed is in its files at once; only how long it may be away from the disk is left.
  store.syncInterval = std::max(common.syncInterval, Millis(1));
  return settings;
}

}  // namespace hexpage
