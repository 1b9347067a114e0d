// Every promise of backend.hpp, tested on the tracing backend over each built-in one. A backend of
// yours gets the same tests from these few lines.
#include <hexpage/testing/contract.hpp>

#include "tracing_backend.hpp"

namespace {

using hexpage::Json;
using hexpage::makeBackend;
using hexpage::testing::Contract;
using hexpage::testing::ContractBackend;

std::unique_ptr<hexpage::Backend> traced(const std::string& over, const Json& section) {
  return std::make_unique<TracingBackend>(makeBackend(over, section), [](const std::string&) {});
}

INSTANTIATE_TEST_SUITE_P(
    Tracing, Contract,
    ::testing::Values(ContractBackend{.name = "over_memory",
                                      .open =
                                          [](const std::string&) {
                                            return traced("memory", Json::object());
                                          }},
                      ContractBackend{.name = "over_filesystem",
                                      .open =
                                          [](const std::string& dir) {
                                            return traced("filesystem", {{"base_dir", dir}});
                                          },
                                      .durable = true}),
    hexpage::testing::contractName);

}  // namespace
