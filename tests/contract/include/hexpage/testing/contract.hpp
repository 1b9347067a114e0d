// The contract of hexpage/backend.hpp and hexpage/batch.hpp as tests: each promise there has one
// here. Include this in one source file of a test program, name the backend, link GoogleTest's
// main:
//
//   #include <hexpage/testing/contract.hpp>
//
//   using hexpage::testing::Contract;
//   using hexpage::testing::ContractBackend;
//
//   INSTANTIATE_TEST_SUITE_P(Mine, Contract, ::testing::Values(ContractBackend{
//       .name = "mine",
//       .open = [](const std::string& dir) { return std::make_unique<MyBackend>(dir); },
//       .durable = true}), hexpage::testing::contractName);
//
// docs/backends.md says in words what the tests ask for. Needs GoogleTest 1.12 or later.
#pragma once

#include <hexpage/testing/contract/batches.hpp>
#include <hexpage/testing/contract/conflicts.hpp>
#include <hexpage/testing/contract/edits.hpp>
#include <hexpage/testing/contract/expiries.hpp>
#include <hexpage/testing/contract/fixture.hpp>
#include <hexpage/testing/contract/follow.hpp>
#include <hexpage/testing/contract/hashes.hpp>
#include <hexpage/testing/contract/items.hpp>
#include <hexpage/testing/contract/keys.hpp>
#include <hexpage/testing/contract/locks.hpp>
#include <hexpage/testing/contract/paths.hpp>
#include <hexpage/testing/contract/records.hpp>
#include <hexpage/testing/contract/renames.hpp>
#include <hexpage/testing/contract/scans.hpp>
#include <hexpage/testing/contract/snapshots.hpp>
#include <hexpage/testing/contract/threads.hpp>
#include <hexpage/testing/contract/upkeep.hpp>
