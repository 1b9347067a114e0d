// Blocks who fails to log in again and again: three failures within a minute cost five minutes.
// It is what Kamailio's htable is used for most.
#include <hexpage/hexpage.hpp>
#include <iostream>

using hexpage::Expires;
using hexpage::Storage;
using namespace std::chrono_literals;

namespace {

class LoginGuard {
 public:
  explicit LoginGuard(Storage& storage) : storage_(storage) {}

  bool isBlocked(const std::string& address) { return storage_.hashHas("blocked", address); }

  // The first failure starts the minute; the count is exact however many threads and processes
  // report at once.
  void failed(const std::string& address) {
    const auto failures = storage_.hashIncrement("failures", address, 1, {.ttl = 1min});
    if (failures >= 3)
      storage_.hashPut("blocked", address, {{"failures", failures}}, {.ttl = 5min});
  }

  void succeeded(const std::string& address) { storage_.hashDeleteMulti("failures", {address}); }

 private:
  Storage& storage_;
};

}  // namespace

int main() {
  Expires now = 1'700'000'000'000;  // a program of yours gives no clock: that of the machine holds
  Storage storage = Storage::open({{"backend", "memory"}}, [&] { return now; });
  LoginGuard guard(storage);
  const auto tell = [&](const std::string& address) {
    std::cout << address << (guard.isBlocked(address) ? " is blocked\n" : " may try\n");
  };

  for (int n = 0; n < 3; ++n) guard.failed("192.0.2.7");
  guard.failed("192.0.2.9");
  tell("192.0.2.7");
  tell("192.0.2.9");

  now += 59'000;  // two more failures, but a minute after the first all are forgotten
  guard.failed("192.0.2.9");
  now += 2'000;
  guard.failed("192.0.2.9");
  tell("192.0.2.9");
  guard.succeeded("192.0.2.9");

  now += 5 * 60'000;
  tell("192.0.2.7");
  std::cout << storage.hashSweep("blocked") + storage.hashSweep("failures")
            << " items were swept away\n";
}
