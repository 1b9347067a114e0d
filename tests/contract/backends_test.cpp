// Our backends keep every promise: memory, the filesystem in each of its layouts, with small and
// large pages, and what a transaction sees.
#include <hexpage/testing/contract.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/map_backend.hpp"
#include "tests/contract/overlay_backend.hpp"

namespace hexpage::testing {
namespace {

ContractBackend memory() {
  const auto open = [](const std::string&) { return makeBackend("memory", Json::object()); };
  return {.name = "memory", .open = open, .durable = false, .pageSize = 0};
}

ContractBackend map() {
  const auto open = [](const std::string&) { return std::make_unique<MapBackend>(); };
  return {.name = "map", .open = open, .durable = false, .pageSize = 0};
}

ContractBackend overlay() {
  const auto open = [](const std::string&) { return std::make_unique<OverlayBackend>(); };
  return {.name = "overlay", .open = open, .durable = false, .pageSize = 0};
}

ContractBackend filesystem(std::string name, std::size_t pageSize, const Json& settings) {
  const auto open = [settings](const std::string& dir) {
    Json section = settings;
    section["base_dir"] = dir + "/data";
    return makeBackend("filesystem", section);
  };
  return {.name = std::move(name), .open = open, .durable = true, .pageSize = pageSize};
}

ContractBackend binary() {
  const auto open = [](const std::string& dir) {
    return makeBackend("binary", {{"base_dir", dir + "/data"}, {"segment_bytes", 65536}});
  };
  return {.name = "binary", .open = open, .durable = true, .pageSize = 0};
}

std::vector<ContractBackend> layouts() {
  const Json raw = Json::object();
  const Json md5 = {{"raw_file_paths", false}};
  const Json pretty = {{"pretty", true}};
  return {filesystem("raw1", 1, raw),        filesystem("raw2", 2, raw),
          filesystem("raw10", 10, raw),      filesystem("raw50", 50, raw),
          filesystem("md5_1", 1, md5),       filesystem("md5_10", 10, md5),
          filesystem("pretty10", 10, pretty)};
}

INSTANTIATE_TEST_SUITE_P(Memory, Contract, ::testing::Values(memory()), contractName);
INSTANTIATE_TEST_SUITE_P(Map, Contract, ::testing::Values(map()), contractName);
INSTANTIATE_TEST_SUITE_P(Overlay, Contract, ::testing::Values(overlay()), contractName);
INSTANTIATE_TEST_SUITE_P(Binary, Contract, ::testing::Values(binary()), contractName);
INSTANTIATE_TEST_SUITE_P(Filesystem, Contract, ::testing::ValuesIn(layouts()), contractName);

}  // namespace
}  // namespace hexpage::testing
