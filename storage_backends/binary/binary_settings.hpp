// The section "binary" of the config.
#pragma once

#include <hexpage/backend.hpp>
#include <hexpage/kv.hpp>
#include <string>

#include "filesystem/store_directory.hpp"

namespace hexpage {

struct BinarySettings {
  std::string baseDir;
  DirectoryRules directory;
  kv::Options store;
  bool lowerCaseKeys = true;
};

// Throws InvalidArgument.
BinarySettings readBinarySection(const Json& section, const CommonSettings& common);

}  // namespace hexpage
