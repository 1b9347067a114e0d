// Watch what hexpage asks of a backend: the calls of a few puts and gets, on standard output.
#include <hexpage/hexpage.hpp>
#include <iostream>

#include "tracing_backend.hpp"

using hexpage::Json;
using hexpage::Storage;

int main() {
  registerTracingBackend([](const std::string& line) { std::cout << "  " << line << "\n"; });

  // From here on "tracing" is a backend like any other: the config chooses it by name.
  Storage storage = Storage::open({{"backend", "tracing"}, {"tracing", {{"over", "memory"}}}});

  std::cout << "hashPut\n";
  storage.hashPut("users", "ann", {{"age", 41}});
  std::cout << "hashUpdate\n";
  storage.hashUpdate("users", "ann", {{"age", 42}});
  std::cout << "hashGet\n";
  const Json ann = storage.hashGet("users", "ann");
  std::cout << "ann is " << ann["age"] << "\n";
}
