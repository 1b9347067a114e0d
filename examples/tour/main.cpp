// hexpage in a few lines: documents go in, come out, change, and stay in ./data for the next run.
#include <hexpage/hexpage.hpp>
#include <iostream>

using hexpage::Json;
using hexpage::Storage;

int main() {
  Storage storage =
      Storage::open({{"backend", "filesystem"}, {"filesystem", {{"base_dir", "data"}}}});

  storage.hashPut("users", "ann", {{"name", "Ann"}, {"age", 41}, {"address", {{"city", "Oslo"}}}});
  storage.hashPut("users", "bob", {{"name", "Bob"}, {"age", 17}});
  storage.hashUpdate("users", "ann", {{"age", 42}, {"address.city", "Bergen"}});

  const Json ann = storage.hashGet("users", "ann");
  std::cout << "ann lives in " << ann["address"]["city"] << "\n";

  if (!storage.hashFind("users", "eve")) std::cout << "eve is not there\n";

  for (const auto& [key, user] : storage.hashItems("users"))
    if (user["age"] < 18) storage.hashDelete("users", key);  // writing while looping is fine

  std::cout << storage.hashGetInfo("users").length
            << " user is left: " << storage.hashGetAll("users") << "\n";
}
