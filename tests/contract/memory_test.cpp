// The memory backend keeps every promise.
#include <hexpage/testing/contract.hpp>
#include <memory>
#include <string>

HEXPAGE_CONTRACT(Memory, ::testing::Values(ContractBackend{
                             .name = "memory", .open = [](const std::string&) {
                               return makeBackend("memory", Json::object());
                             }}))
