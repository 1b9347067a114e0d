// What tables whose items expire are for: who guesses passwords is shut out for a while, and nobody
// calls too often. The time is this program's own, so that it runs in no time and says the same
// each time; without a clock Storage::open takes the system's.
#include <atomic>
#include <chrono>
#include <hexpage/hexpage.hpp>
#include <iostream>
#include <string>

using hexpage::Json;
using hexpage::Storage;
using hexpage::Subscription;
using namespace std::chrono_literals;

namespace {

std::atomic<hexpage::Expires> now{1'700'000'000'000};

void wait(hexpage::Millis time) { now += time.count(); }

// Three failures within five minutes shut the address out for an hour.
bool mayTry(Storage& storage, const std::string& address) {
  return !storage.hashHas("banned", address);
}

void failed(Storage& storage, const std::string& address) {
  const Json failures = storage.hashIncrement("failures", address, 1, {.ttl = 5min});
  if (failures >= 3) storage.hashPut("banned", address, failures, {.ttl = 1h});
}

// At most two calls in ten seconds, counted from the first one.
bool mayCall(Storage& storage, const std::string& caller) {
  return storage.hashIncrement("calls", caller, 1, {.ttl = 10s}) <= 2;
}

}  // namespace

int main() {
  Subscription freed;  // outlives the store, which tells the last events when it closes
  Storage storage = Storage::open({{"backend", "memory"}}, [] { return now.load(); });
  freed = storage.onExpired("banned", [](const std::string& address, const Json& failures) {
    std::cout << address << " may try again after " << failures << " failures\n";
  });

  const std::string address = "192.0.2.7";
  for (int n = 0; n < 3; ++n) failed(storage, address);
  std::cout << "after three failures: " << (mayTry(storage, address) ? "open" : "shut") << "\n";
  wait(59min);
  std::cout << "59 minutes later: " << (mayTry(storage, address) ? "open" : "shut") << "\n";
  wait(1min);
  std::cout << "after an hour: " << (mayTry(storage, address) ? "open" : "shut") << "\n";

  for (int n = 1; n <= 3; ++n)
    std::cout << "call " << n << ": " << (mayCall(storage, "ann") ? "yes" : "no") << "\n";
  wait(10s);
  std::cout << "ten seconds later: " << (mayCall(storage, "ann") ? "yes" : "no") << std::endl;

  storage.hashSweep("banned");  // a service has "sweep_interval" in its config instead
}
