// Transfers between accounts: all of each happens or nothing, whoever else writes meanwhile.
#include <hexpage/hexpage.hpp>
#include <iostream>
#include <thread>

using hexpage::Json;
using hexpage::Storage;
using hexpage::Transaction;

namespace {

// Throws, and leaves everything as it was, when there is not enough.
void transfer(Storage& storage, const std::string& from, const std::string& to, int cents) {
  storage.transaction({"accounts", "audit"}, [&](Transaction& tx) {
    const int left = tx.hashGet("accounts", from)["cents"].get<int>() - cents;
    tx.hashUpdate("accounts", from, {{"cents", left}});
    tx.hashIncrement("accounts", to, cents, {.member = "cents"});
    const auto number = tx.hashIncrement("audit", "count").dump();
    tx.hashPut("audit", number, {{"from", from}, {"to", to}, {"cents", cents}});
    if (left < 0) throw std::runtime_error(from + " has not enough");
  });
}

}  // namespace

int main() {
  Storage storage =
      Storage::open({{"backend", "filesystem"}, {"filesystem", {{"base_dir", "data"}}}});
  storage.hashPutMulti("accounts", {{"ann", {{"cents", 1000}}}, {"bob", {{"cents", 1000}}}});

  std::thread one([&] {
    for (int n = 0; n < 50; ++n) transfer(storage, "ann", "bob", 2);
  });
  std::thread other([&] {
    for (int n = 0; n < 50; ++n) transfer(storage, "bob", "ann", 1);
  });
  one.join();
  other.join();

  try {
    transfer(storage, "ann", "bob", 5000);
  } catch (const std::runtime_error& e) {
    std::cout << e.what() << "\n";
  }
  std::cout << storage.hashGet("accounts", "ann") << " and " << storage.hashGet("accounts", "bob")
            << " after " << storage.hashGet("audit", "count") << " transfers\n";

  // Compare and set: of two that saw the same, one writes.
  const auto seen = storage.hashFind("accounts", "ann");
  std::cout << std::boolalpha << storage.hashPutIf("accounts", "ann", seen, {{"cents", 0}}) << " "
            << storage.hashPutIf("accounts", "ann", seen, {{"cents", 1}}) << "\n";
}
