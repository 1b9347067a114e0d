// The contract of hexpage/backend.hpp and hexpage/batch.hpp as tests: each promise there has one
// here. Include this in one source file of a test program, at its outermost level name the backend,
// link GoogleTest's main, and run it:
//
//   #include <hexpage/testing/contract.hpp>
//
//   HEXPAGE_CONTRACT(Mine, ::testing::Values(ContractBackend{
//       .name = "mine",
//       .open = [](const std::string& dir) { return std::make_unique<MyBackend>(dir); },
//       .durable = true}))
//
// docs/backends.md says in words what the tests ask for. Needs GoogleTest 1.12 or later.
#pragma once

#include <hexpage/testing/contract/batches.hpp>
#include <hexpage/testing/contract/conflicts.hpp>
#include <hexpage/testing/contract/fixture.hpp>
#include <hexpage/testing/contract/hashes.hpp>
#include <hexpage/testing/contract/items.hpp>
#include <hexpage/testing/contract/keys.hpp>
#include <hexpage/testing/contract/locks.hpp>
#include <hexpage/testing/contract/paths.hpp>
#include <hexpage/testing/contract/records.hpp>
#include <hexpage/testing/contract/renames.hpp>
#include <hexpage/testing/contract/scans.hpp>
#include <hexpage/testing/contract/threads.hpp>
#include <hexpage/testing/contract/upkeep.hpp>

// Runs the whole suite over each ContractBackend that the GoogleTest generator gives. A macro, as
// GoogleTest's own are, because it pastes the names of the suites.
#define HEXPAGE_CONTRACT(Name, ...)                                             \
  namespace hexpage::testing {                                                  \
  INSTANTIATE_TEST_SUITE_P(Name, Contract, (__VA_ARGS__), contractName);        \
  INSTANTIATE_TEST_SUITE_P(Name, ContractScan, (__VA_ARGS__), contractName);    \
  INSTANTIATE_TEST_SUITE_P(Name, ContractLocks, (__VA_ARGS__), contractName);   \
  INSTANTIATE_TEST_SUITE_P(Name, ContractThreads, (__VA_ARGS__), contractName); \
  }
