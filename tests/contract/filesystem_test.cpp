// The filesystem backend keeps every promise, in each of its layouts and with small and large
// pages.
#include <hexpage/testing/contract.hpp>
#include <string>
#include <utility>
#include <vector>

namespace hexpage::testing {
namespace {

ContractBackend filesystem(std::string name, std::size_t pageSize, const Json& settings) {
  const auto open = [settings](const std::string& dir) {
    Json section = settings;
    section["base_dir"] = dir + "/data";
    return makeBackend("filesystem", section);
  };
  return {.name = std::move(name), .open = open, .durable = true, .pageSize = pageSize};
}

std::vector<ContractBackend> layouts() {
  std::vector<ContractBackend> all;
  for (const std::size_t pageSize : {1, 2, 10, 50})
    all.push_back(filesystem("raw" + std::to_string(pageSize), pageSize, Json::object()));
  for (const std::size_t pageSize : {1, 10})
    all.push_back(
        filesystem("md5_" + std::to_string(pageSize), pageSize, {{"raw_file_paths", false}}));
  all.push_back(filesystem("pretty10", 10, {{"pretty", true}}));
  return all;
}

}  // namespace
}  // namespace hexpage::testing

HEXPAGE_CONTRACT(Filesystem, ::testing::ValuesIn(layouts()))
