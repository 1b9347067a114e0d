// The words of the pipe for counters, arrays, matches and cursors.
#include <hexpage/json_text.hpp>

#include "src/cli/match_words.hpp"
#include "src/cli/pipe.hpp"
#include "src/cli/pipe_piece.hpp"

namespace hexpage::cli {
namespace {

Json number(std::string_view word) {
  try {
    return parseJson(word);
  } catch (const Error& error) {
    throw Refusal("BADJSON", error.what());
  }
}

Match match(PipeLine& line) { return matchOf(parseJson(line.remainder())); }

}  // namespace

std::string Pipe::increment(PipeLine& line) { return count(line, &Hashes::hashIncrement, false); }

std::string Pipe::decrement(PipeLine& line) { return count(line, &Hashes::hashDecrement, false); }

std::string Pipe::incrementFor(PipeLine& line) { return count(line, &Hashes::hashIncrement, true); }

std::string Pipe::decrementFor(PipeLine& line) { return count(line, &Hashes::hashDecrement, true); }

std::string Pipe::count(PipeLine& line, Count call, bool hasTime) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const Millis ttl = hasTime ? timeToLive(line.token()) : Millis(0);
  const Json by = line.isOver() ? Json(1) : number(line.token());
  const std::string member = line.isOver() ? "" : line.text();
  line.end();
  const MemberOptions options{.member = member, .create = nullptr, .ttl = ttl};
  return asked(hash, [&] { return ok(toText((hashes().*call)(hash, name, by, options))); });
}

std::string Pipe::push(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const std::string member = line.text();
  const std::string element = line.document();
  return asked(hash, [&] {
    return ok(hashes().hashArrayPushText(hash, name, element, {.member = member}));
  });
}

std::string Pipe::size(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const std::string member = line.text();
  line.end();
  return asked(hash, [&] { return ok(hashes().hashArraySize(hash, name, member)); });
}

std::string Pipe::getMember(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const std::string member = line.text();
  line.end();
  const auto text = hashes().hashFindMemberText(hash, name, member);
  return text ? ok(asciiOnly(minified(*text))) : "NIL";
}

std::string Pipe::countMatching(PipeLine& line) {
  const std::string hash = line.text();
  return asked(hash, [&] { return ok(hashes().hashCount(hash, match(line))); });
}

std::string Pipe::scanMatching(PipeLine& line) {
  const std::string hash = line.text();
  std::string answer = "OK {";
  return asked(hash, [&] {
    hashes().hashMatchText(hash, match(line),
                           [&](const std::string& name, const std::string& text) {
                             appendMember(answer, name, text);
                           });
    return answer + "}";
  });
}

std::string Pipe::deleteMatching(PipeLine& line) {
  const std::string hash = line.text();
  return asked(hash, [&] { return ok(hashes().hashDeleteMatching(hash, match(line))); });
}

std::string Pipe::next(PipeLine& line) {
  const std::string hash = line.text();
  const std::string position = line.text();
  const std::size_t most = itemCount(line.token());
  line.end();
  return asked(hash, [&] {
    HashCursor cursor = hashes().hashCursor(hash, position);
    std::string items = "{";
    for (std::size_t n = 0; n < most && cursor.next(); ++n)
      appendMember(items, cursor.key(), cursor.text());
    return "OK {\"items\":" + items + "},\"position\":" + asciiOnly(jsonString(cursor.position())) +
           "}";
  });
}

}  // namespace hexpage::cli
