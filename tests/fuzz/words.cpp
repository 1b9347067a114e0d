#include <algorithm>
#include <hexpage/hexpage.hpp>

#include "src/cli/pipe.hpp"
#include "targets.hpp"

namespace hexpage::fuzz {
namespace {

bool isOneLineOfAscii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

void readPipe(std::string_view bytes) {
  Storage storage = Storage::open({{"backend", "memory"}});
  cli::Pipe pipe(storage, Json::object());
  while (!bytes.empty() && !pipe.isOver()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string answer = pipe.answer(bytes.substr(0, end));
    require(!answer.empty() && isOneLineOfAscii(answer), "each line has one line as its answer");
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  require(storage.verify().clean(), "no line damages the store");
}

void readConfig(std::string_view bytes) {
  const Json config = Json::parse(bytes, nullptr, false);
  if (config.is_discarded()) return;
  try {
    Storage::checkConfig(config);
  } catch (const Error& e) {
    require(e.code() == Code::InvalidArgument, "a config is refused with InvalidArgument");
  }
}

}  // namespace hexpage::fuzz
