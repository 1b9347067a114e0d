// Lets each caller make so many calls in each window of time, by one counter each that ends with
// the window.
#include <hexpage/hexpage.hpp>
#include <iostream>

using hexpage::Expires;
using hexpage::Millis;
using hexpage::Storage;
using namespace std::chrono_literals;

namespace {

class RateLimit {
 public:
  RateLimit(Storage& storage, int calls, Millis window)
      : storage_(storage), calls_(calls), window_(window) {}

  // Exact among all threads and processes of the store. Refused calls count too.
  bool admits(const std::string& caller) {
    return storage_.hashIncrement("calls", caller, 1, {.ttl = window_}) <= calls_;
  }

  // How long until the caller's window ends; 0 when none is open.
  Millis wait(const std::string& caller) {
    if (!storage_.hashHas("calls", caller)) return Millis(0);
    return storage_.hashTimeToLive("calls", caller).value_or(Millis(0));
  }

 private:
  Storage& storage_;
  const int calls_;
  const Millis window_;
};

}  // namespace

int main() {
  Expires now = 1'700'000'000'000;  // a program of yours gives no clock: that of the machine holds
  Storage storage = Storage::open({{"backend", "memory"}}, [&] { return now; });
  RateLimit limit(storage, 3, 10s);

  for (int second = 0; second < 14; second += 2, now += 2000) {
    std::cout << "second " << second << ": ann " << (limit.admits("ann") ? "calls" : "is refused");
    if (second % 6 == 0) std::cout << ", bob " << (limit.admits("bob") ? "calls" : "is refused");
    std::cout << "\n";
  }
  std::cout << "ann's window ends in " << limit.wait("ann").count() << " ms, eve's in "
            << limit.wait("eve").count() << "\n";
}
