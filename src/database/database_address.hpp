// What the URL of a database says.
#pragma once

#include <string>
#include <string_view>

namespace hexpage {

struct DatabaseAddress {
  // scheme://user:password@host:port/name; all but the scheme may be missing. Throws
  // InvalidArgument for another text.
  static DatabaseAddress parse(std::string_view url);

  // For messages: without user and password.
  std::string shown() const;

  std::string scheme;
  std::string user;
  std::string password;
  std::string host;
  unsigned port = 0;  // 0: the usual one
  std::string name;   // of the database; of SQLite the file
};

}  // namespace hexpage
