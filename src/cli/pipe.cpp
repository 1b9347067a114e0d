#include "src/cli/pipe.hpp"

#include <array>
#include <cerrno>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <new>
#include <set>
#include <utility>
#include <vector>

#include "src/cli/base64.hpp"
#include "src/cli/member_reader.hpp"
#include "src/cli/pipe_piece.hpp"
#include "src/cli/terminal.hpp"

namespace hexpage::cli {
namespace {

// Files are opened before anything is done.
bool lacksFiles(const Error& error) {
  return error.code() == Code::Io && (error.systemCode() == EMFILE || error.systemCode() == ENFILE);
}

const char* codeOf(const Error& error, const char* invalidArgument) {
  if (lacksFiles(error)) return "EMFILE";
  switch (error.code()) {
    case Code::NoSuchKey:
      return "NOKEY";
    case Code::InvalidArgument:
      return invalidArgument;
    case Code::Conflict:
      return "CONFLICT";
    case Code::LockTimeout:
      return "LOCKED";
    case Code::NoSpace:
      return "NOSPC";
    case Code::ReadOnly:
      return "READONLY";
    case Code::Corrupt:
      return "CORRUPT";
    case Code::Io:
      return "IO";
  }
  return "INTERNAL";
}

// One line of ASCII, whatever the text is: control characters and other bytes as \xNN.
std::string asciiLine(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += printable(std::string_view(&c, 1));
    } else {
      static constexpr char kHex[] = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    }
  }
  return out;
}

std::string asciiArray(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    out += asciiOnly(jsonString(text));
  }
  return out + "]";
}

Item checkedItem(Member member) {
  checkKeySize(member.name);
  return {std::move(member.name), checkedDocument(member.value)};
}

// The members of an object as items; a name twice is no JSON that is stored here.
std::vector<Item> itemsOf(std::string_view object) {
  std::vector<Item> items;
  std::set<std::string> names;
  ByteSource source(object);
  MemberReader members(source, object.size(), object.size());
  try {
    while (auto member = members.next()) {
      if (!names.insert(member->name).second)
        throw Refusal("BADJSON", "the key " + jsonString(member->name) + " is there twice");
      items.push_back(checkedItem(std::move(*member)));
    }
  } catch (const Error& error) {
    throw Refusal("BADJSON", error.what());
  }
  return items;
}

}  // namespace

std::string errorAnswer(const std::string& code, std::string_view text) {
  return "ERR " + code + " " + asciiLine(text);
}

std::string errorAnswer(const Error& error, const char* invalidArgument) {
  return errorAnswer(std::string(codeOf(error, invalidArgument)), error.what());
}

std::string Pipe::answer(std::string_view text) {
  try {
    PipeLine line(text);
    const std::string_view word = line.word();
    const Handler handler = handlerOf(word);
    if (!handler)
      throw Refusal("BADREQ", "unknown command " + std::string(word.substr(0, 40)) +
                                  "; hexpage pipe --help lists them");
    return (this->*handler)(line);
  } catch (const Refusal& refusal) {
    return errorAnswer(refusal.code(), refusal.what());
  } catch (const TooLarge& error) {
    return errorAnswer(error, "LIMIT");
  } catch (const Error& error) {
    return errorAnswer(error);
  } catch (const std::bad_alloc&) {
    return errorAnswer("NOMEM", "no memory to do it");
  } catch (const std::exception& error) {
    return errorAnswer("INTERNAL", error.what());
  }
}

std::span<const Pipe::Named> Pipe::handlers() {
  static constexpr std::array<Named, 38> kHandlers = {{
      {"PUT", "HASH KEY JSON", &Pipe::put},
      {"PUTRAW", "HASH KEY BASE64", &Pipe::putRaw},
      {"PUTMULTI", "HASH {..}", &Pipe::putMulti},
      {"PUTIF", "HASH KEY JSON|NIL JSON", &Pipe::putIf},
      {"PUTTTL", "HASH KEY MS JSON", &Pipe::putFor},
      {"EXPIRE", "HASH KEY MS", &Pipe::expire},
      {"PERSIST", "HASH KEY", &Pipe::persist},
      {"TTL", "HASH KEY", &Pipe::timeLeft},
      {"SWEEP", "HASH", &Pipe::sweep},
      {"GET", "HASH KEY", &Pipe::get},
      {"DEL", "HASH KEY", &Pipe::del},
      {"CREATE", "HASH [{..}]", &Pipe::create},
      {"CLEAR", "HASH", &Pipe::clear},
      {"DROP", "HASH", &Pipe::drop},
      {"SCAN", "HASH", &Pipe::scan},
      {"NEXT", "HASH POSITION N", &Pipe::next},
      {"LEN", "HASH", &Pipe::length},
      {"INCR", "HASH KEY [BY [MEMBER]]", &Pipe::increment},
      {"DECR", "HASH KEY [BY [MEMBER]]", &Pipe::decrement},
      {"INCRTTL", "HASH KEY MS [BY [MEMBER]]", &Pipe::incrementFor},
      {"DECRTTL", "HASH KEY MS [BY [MEMBER]]", &Pipe::decrementFor},
      {"PUSH", "HASH KEY MEMBER JSON", &Pipe::push},
      {"SIZE", "HASH KEY MEMBER", &Pipe::size},
      {"GETMEMBER", "HASH KEY MEMBER", &Pipe::getMember},
      {"COUNT", "HASH MATCH", &Pipe::countMatching},
      {"MATCH", "HASH MATCH", &Pipe::scanMatching},
      {"DELMATCH", "HASH MATCH", &Pipe::deleteMatching},
      {"LOCK", "HASH KEY [MS]", &Pipe::lock},
      {"UNLOCK", "HASH KEY", &Pipe::unlock},
      {"TABLE", "CALL [HASH [TEXT...]]", &Pipe::table},
      {"HASHES", "", &Pipe::listHashes},
      {"FILES", "", &Pipe::files},
      {"SYNC", "", &Pipe::sync},
      {"CHECK", "", &Pipe::check},
      {"QUIT", "", &Pipe::quit},
      {"BEGIN", "[HASH...]", &Pipe::begin},
      {"COMMIT", "", &Pipe::commit},
      {"ABORT", "", &Pipe::abort},
  }};
  return kHandlers;
}

Pipe::Handler Pipe::handlerOf(std::string_view word) {
  for (const Named& named : handlers())
    if (named.name == word) return named.handler;
  return nullptr;
}

std::string Pipe::commands() {
  std::string all;
  for (const Named& named : handlers()) {
    all.append("  ").append(named.name);
    if (!named.arguments.empty()) all.append(" ").append(named.arguments);
    all += '\n';
  }
  return all;
}

std::string Pipe::put(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  hashes().hashPutText(hash, name, line.document());
  return ok(1);
}

std::string Pipe::putRaw(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const auto bytes = fromBase64(line.remainder());
  if (!bytes) throw Refusal("BADREQ", "the value is not base64");
  hashes().hashPutText(hash, name, checkedDocument(*bytes));
  return ok(1);
}

std::string Pipe::putMulti(PipeLine& line) {
  const std::string hash = line.text();
  const std::vector<Item> items = itemsOf(line.remainder());
  hashes().hashPutTexts(hash, items);
  return ok(items.size());
}

std::string Pipe::putIf(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  const auto expected = line.documentOrNil();
  return ok(hashes().hashPutTextIf(hash, name, expected, line.document()));
}

std::string Pipe::get(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  line.end();
  const auto text = hashes().hashFindText(hash, name);
  return text ? ok(asciiOnly(minified(*text))) : "NIL";
}

std::string Pipe::del(PipeLine& line) {
  const std::string hash = line.text();
  const std::string name = key(line);
  line.end();
  return ok(hashes().hashDeleteMulti(hash, {name}));
}

std::string Pipe::create(PipeLine& line) {
  const std::string hash = line.text();
  const Json options = line.isOver() ? Json::object() : parseJson(line.document());
  return asked(hash,
               [&] { return ok(asciiOnly(toText(hashes().hashCreate(hash, options).options))); });
}

std::string Pipe::clear(PipeLine& line) { return removeAll(line, false); }

std::string Pipe::drop(PipeLine& line) { return removeAll(line, true); }

// A hash that is not there has nothing to remove.
std::string Pipe::removeAll(PipeLine& line, bool entire) {
  const std::string hash = line.text();
  line.end();
  try {
    return ok(hashes().hashDeleteAll(hash, entire));
  } catch (const Error& error) {
    if (error.code() != Code::NoSuchKey) throw;
    return ok(0);
  }
}

std::string Pipe::scan(PipeLine& line) {
  const std::string hash = line.text();
  line.end();
  // Answered only when all of it is read: an error half way must not follow half an answer.
  std::string answer = "OK {";
  hashes().hashEachText(hash, [&](const std::string& name, const std::string& text) {
    appendMember(answer, name, text);
  });
  answer += '}';
  return answer;
}

std::string Pipe::length(PipeLine& line) {
  const std::string hash = line.text();
  line.end();
  try {
    return ok(hashes().hashGetInfo(hash).length);
  } catch (const Error& error) {
    if (error.code() != Code::NoSuchKey) throw;
    return ok(0);
  }
}

std::string Pipe::listHashes(PipeLine& line) {
  line.end();
  std::vector<std::string> paths;
  for (HashInfo& info : hashes().hashes()) paths.push_back(std::move(info.path));
  return ok(asciiArray(paths));
}

std::string Pipe::files(PipeLine& line) {
  line.end();
  return ok(asciiArray(storage_.files()));
}

std::string Pipe::sync(PipeLine& line) {
  line.end();
  storage_.sync();
  return "OK";
}

std::string Pipe::check(PipeLine& line) {
  line.end();
  const Report report = storage_.verify();
  for (const Finding& finding : report.findings) {
    if (finding.severity != Severity::Error) continue;
    return "ERR CORRUPT {\"file\":" + asciiOnly(jsonString(finding.file)) +
           ",\"reason\":" + asciiOnly(jsonString(finding.reason)) + "}";
  }
  return "OK";
}

std::string Pipe::quit(PipeLine& line) {
  line.end();
  isOver_ = true;
  return "OK";
}

// --- transactions ---

Hashes& Pipe::hashes() {
  if (!transaction_) return storage_;
  if (!transaction_->isOpen())
    throw Refusal("BADREQ", "the transaction was rolled back by an error; ABORT ends it");
  return *transaction_;
}

std::string Pipe::begin(PipeLine& line) {
  if (transaction_) throw Refusal("BADREQ", "a transaction is open already");
  if (line.isOver())
    transaction_.emplace(storage_.begin());
  else
    transaction_.emplace(storage_.begin(line.texts()));
  return "OK";
}

Transaction Pipe::takeTransaction(PipeLine& line) {
  line.end();
  if (!transaction_) throw Refusal("BADREQ", "no transaction is open");
  Transaction taken = std::move(*transaction_);
  transaction_.reset();
  return taken;
}

std::string Pipe::commit(PipeLine& line) {
  Transaction transaction = takeTransaction(line);
  if (!transaction.isOpen())
    throw Refusal("BADREQ", "the transaction was rolled back by an error; it is over now");
  transaction.commit();
  return "OK";
}

std::string Pipe::abort(PipeLine& line) {
  takeTransaction(line).rollback();
  return "OK";
}

}  // namespace hexpage::cli
