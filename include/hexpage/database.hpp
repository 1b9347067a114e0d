// Tables of SQL databases that a hash is loaded from and stored to.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hexpage {

enum class DatabaseLayout {
  Documents,  // item_key and value, the document as JSON text: nothing is lost
  Kamailio,   // the table of Kamailio's htable module: a value is a string or an integer
  Columns,    // any table: a row is an item, named by its first column; no times
};

// Names in a Kamailio table.
struct KamailioColumns {
  std::string id = "id";  // grows with every row; rows of an array are read in its order
  std::string keyName = "key_name";
  std::string keyType = "key_type";
  std::string valueType = "value_type";
  std::string keyValue = "key_value";
  std::string arraySizeSuffix = "::size";  // of the item that says how long an array is
};

struct DatabaseTable {
  // sqlite:///relative.db, sqlite:////absolute.db, postgresql://user:password@host:port/name,
  // mysql://user:password@host:port/name; % escapes stand for themselves in the last two.
  std::string url;
  std::string table{};  // schema.table, too; "" is the path of the hash, with '_' for '/'
  DatabaseLayout layout = DatabaseLayout::Documents;
  KamailioColumns kamailio{};

  // The column that says when an item expires: since 1970, seconds in a Kamailio table, else
  // milliseconds; 0 is never. A row whose time has come is passed over. In a table without it
  // nothing expires, and no times are stored to it; a table that is made gets it. "": as if there
  // were none.
  std::string expires = "expires";

  // Of Columns: the key's, then one or more for the value: an object of them, or with a delimiter a
  // string of their texts, `nullText` for NULL. To store an item of another value is an error.
  std::vector<std::string> columns{};
  std::string delimiter{};
  std::string nullText = "*";

  bool isStrict = false;                          // a row that makes no item is an error
  std::function<void(std::uint64_t)> progress{};  // items so far, now and then
};

struct DatabaseTransfer {
  std::uint64_t items = 0;    // that went over
  std::uint64_t expired = 0;  // rows whose time had come
  std::uint64_t skipped = 0;  // rows that make no item
  std::string problem{};      // of the first of those
};

}  // namespace hexpage
