#include "src/database/database_address.hpp"

#include <charconv>
#include <hexpage/error.hpp>

namespace hexpage {
namespace {

// The URL itself may have a password in it.
[[noreturn]] void refuse(const std::string& why) {
  throw Error(Code::InvalidArgument, "database url: " + why +
                                         "; known are sqlite:///file, postgresql://user@host/name "
                                         "and mysql://user@host/name");
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    if (text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 3, byte, 16).ptr ==
            text.data() + at + 3) {
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

unsigned portOf(std::string_view text) {
  unsigned port = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (error != std::errc() || end != last || port == 0 || port > 65535)
    refuse("\"" + std::string(text) + "\" is no port");
  return port;
}

}  // namespace

DatabaseAddress DatabaseAddress::parse(std::string_view url) {
  const std::size_t schemeEnd = url.find("://");
  if (schemeEnd == url.npos) refuse("it has no \"://\"");
  DatabaseAddress address;
  address.scheme = url.substr(0, schemeEnd);
  std::string_view rest = url.substr(schemeEnd + 3);
  const std::size_t slash = rest.find('/');
  if (slash != rest.npos) address.name = rest.substr(slash + 1);
  if (address.scheme != "sqlite") address.name = unescaped(address.name);
  rest = rest.substr(0, slash);
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    const std::string_view login = rest.substr(0, at);
    const std::size_t colon = login.find(':');
    address.user = unescaped(login.substr(0, colon));
    if (colon != login.npos) address.password = unescaped(login.substr(colon + 1));
    rest.remove_prefix(at + 1);
  }
  if (const std::size_t colon = rest.rfind(':'); colon != rest.npos) {
    address.port = portOf(rest.substr(colon + 1));
    rest = rest.substr(0, colon);
  }
  address.host = unescaped(rest);
  if (address.name.empty()) refuse("it names no database");
  return address;
}

std::string DatabaseAddress::shown() const {
  if (scheme == "sqlite") return name;
  const std::string where = port == 0 ? host : host + ":" + std::to_string(port);
  return scheme + "://" + where + "/" + name;
}

}  // namespace hexpage
