#include "filesystem/directory_settings.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <hexpage/error.hpp>

namespace hexpage {
namespace {

// The rights of a text like "0640". They must leave the owner what they are otherwise.
mode_t readMode(Options& options, const std::string& section, const std::string& member,
                mode_t otherwise) {
  std::array<char, 8> digits;
  std::snprintf(digits.data(), digits.size(), "%04o", otherwise);
  const std::string text = options.text(member, digits.data());
  mode_t mode = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  const bool isMode = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() &&
                      mode <= 0777 && (mode & otherwise) == otherwise;
  if (!isMode)
    throw Error(Code::InvalidArgument, "config: " + section + "." + member +
                                           " must be rights as \"" + digits.data() +
                                           "\", the owner's among them, not \"" + text + "\"");
  return mode;
}

}  // namespace

DirectoryRules readDirectoryRules(Options& options, const std::string& section) {
  DirectoryRules rules;
  rules.modes.file = readMode(options, section, "file_mode", rules.modes.file);
  rules.modes.directory = readMode(options, section, "directory_mode", rules.modes.directory);
  rules.allowsShared = options.flag("allow_shared_directory", false);
  rules.allowsNetwork = options.flag("allow_network_fs", false);
  rules.sharedSetting = section + ".allow_shared_directory";
  rules.networkSetting = section + ".allow_network_fs";
  return rules;
}

}  // namespace hexpage
