// The smallest service: counts its own starts in the data directory given as its argument.
#include <hexpage/hexpage.hpp>
#include <iostream>

using hexpage::Json;
using hexpage::Storage;

namespace {

// How often the service has started, this time included.
Json countStart(Storage& storage) {
  const Json earlier = storage.hashFind("service", "starts").value_or(Json{{"count", 0}});
  const Json now = {{"count", earlier["count"].get<int>() + 1}};
  storage.hashPut("service", "starts", now);
  return now;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: consumer DIRECTORY\n";
    return 2;
  }
  try {
    Storage storage =
        Storage::open({{"backend", "filesystem"}, {"filesystem", {{"base_dir", argv[1]}}}});
    std::cout << "hexpage " << hexpage::version() << ", start " << countStart(storage)["count"]
              << "\n";
  } catch (const hexpage::Error& e) {
    std::cerr << "consumer: " << e.what() << "\n";
    return 1;
  }
}
