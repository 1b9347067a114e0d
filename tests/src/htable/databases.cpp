// Kamailio's htable observed: tables that come from a database and go to it.
#include <map>

#include "src/database/database.hpp"
#include "tests/src/htable/cases.hpp"

namespace hexpage::testing {
namespace {

// A database in a directory of its own, with a table as the module's schema has it.
class Module {
 public:
  // The rows are (key_name, key_type, value_type, key_value, expires).
  explicit Module(const std::string& rows) {
    execute(
        "CREATE TABLE htable (id INTEGER PRIMARY KEY, key_name VARCHAR(64) NOT NULL,"
        " key_type INTEGER DEFAULT 0 NOT NULL, value_type INTEGER DEFAULT 0 NOT NULL,"
        " key_value VARCHAR(128) DEFAULT '' NOT NULL, expires INTEGER DEFAULT 0 NOT NULL)");
    if (!rows.empty())
      execute("INSERT INTO htable (key_name, key_type, value_type, key_value, expires) VALUES " +
              rows);
  }

  void execute(const std::string& sql) {
    Database::open(url(), Database::Access::Write)->execute(sql);
  }
  std::string url() const { return "sqlite:///" + (dir_.path() / "k.db").string(); }

  DatabaseTable table() const {
    DatabaseTable table{.url = url(), .table = "htable"};
    table.layout = DatabaseLayout::Kamailio;
    return table;
  }
  DatabaseTable columns(const std::string& name, std::vector<std::string> names) const {
    DatabaseTable table{.url = url(), .table = name};
    table.layout = DatabaseLayout::Columns;
    table.columns = std::move(names);
    table.delimiter = ",";
    return table;
  }
  // A store that has it as the config says.
  Storage opened(bool isSaved) const {
    return Storage::open(
        {{"backend", "memory"},
         {"databases",
          {{"h",
            {{"url", url()}, {"table", "htable"}, {"layout", "kamailio"}, {"save", isSaved}}}}}});
  }

  std::string rows(const std::string& selected = "key_name, key_type, value_type, key_value") {
    std::string all;
    Database::open(url(), Database::Access::Read)
        ->query("SELECT " + selected + " FROM htable ORDER BY key_name",
                [&](std::span<const Cell> row) {
                  for (const Cell& cell : row) all.append(cell.text.value_or("NULL")).append(" ");
                  all += "; ";
                });
    return all;
  }

 private:
  TempDir dir_;
};

std::string contents(Storage& s) {
  std::map<std::string, Json> sorted;
  s.hashEach("h", [&](const std::string& key, const Json& value) { sorted[key] = value; });
  return Json(sorted).dump();
}

// What a table with these rows becomes.
HtableCase loads(const char* number, const char* expected, const char* rows,
                 bool isDifference = false, const char* arraySizeSuffix = "::size") {
  return {number, expected,
          [=](Storage& s) {
            const Module module(rows);
            DatabaseTable table = module.table();
            table.kamailio.arraySizeSuffix = arraySizeSuffix;
            s.hashReload("h", table);
            return contents(s);
          },
          isDifference};
}

void makePrefixes(Module& module) {
  module.execute("CREATE TABLE prefix (pfx TEXT, carrier TEXT, cost INTEGER, note TEXT)");
  module.execute(
      "INSERT INTO prefix VALUES ('49', 'dt', 5, 'n,1'), ('43', 'a1', 7, NULL),"
      " ('1', 'first', 0, ''), ('1', 'dup', 1, 'x')");
}

std::string life(Storage& s, const std::string& key) {
  if (!s.hashHas("h", key)) return "absent";
  const auto left = s.hashTimeToLive("h", key);
  return left ? std::to_string(left->count() / 1000) : "never";
}

std::vector<HtableCase> storingCases() {
  return {
      {"H08", "arr::size 0 1 2 ; arr[0] 0 0 v1 ; arr[1] 0 0 v2 ; new 0 0 nv ; num 0 1 7 ; ",
       [](Storage&) {
         Module module("('arr',1,0,'v1',0), ('arr',1,0,'v2',0), ('s',0,0,'str',0)");
         {
           Storage opened = module.opened(true);
           opened.hashPutMulti("h", {{"new", "nv"}, {"num", 7}});
           opened.hashDelete("h", "s");
         }
         return module.rows();
       }},
      {"H10", "s 0 0 str ; ",
       [](Storage&) {
         Module module("('s',0,0,'str',0)");
         module.opened(false).hashPut("h", "new", "nv");
         return module.rows();
       }},
      {"H11", "new 0 0 nv ; ",
       [](Storage&) {
         Module module("");
         module.opened(true).hashPut("h", "new", "nv");
         return module.rows();
       },
       true},
      {"H13", "keep v 0 ; s str 0 ; ",
       [](Storage& s) {
         Module module("('s',0,0,'str',0)");
         DatabaseTable table = module.table();
         table.expires = "";
         s.hashCreate("h", {{"autoexpire", 100}});
         s.hashReload("h", table);
         s.hashPut("h", "keep", "v");
         s.hashStore("h", table);
         return module.rows("key_name, key_value, expires");
       }},
      {"H19", "mem 0 0 m ; s 0 0 v1 ; ",
       [](Storage& s) {
         Module module("('s',0,0,'old',0), ('gone',0,0,'x',0)");
         s.hashPutMulti("h", {{"mem", "m"}, {"s", "v1"}});
         s.hashStore("h", module.table());
         return module.rows();
       }},
      {"H23", "InvalidArgument 4, stored 3",
       [](Storage& s) {
         Module module("");
         makePrefixes(module);
         const DatabaseTable prefix = module.columns("prefix", {"pfx", "carrier", "cost", "note"});
         const auto stored = [&] {
           const std::string outcome =
               refusedOr([&] { return s.hashStore("h", prefix), "stored"; });
           std::size_t rows = 0;
           Database::open(module.url(), Database::Access::Read)
               ->query("SELECT pfx FROM prefix", [&](std::span<const Cell>) { ++rows; });
           return outcome + " " + std::to_string(rows);
         };
         s.hashReload("h", prefix);
         const std::string withDelimiterInText = stored();
         s.hashDelete("h", "49");
         return withDelimiterInText + ", " + stored();
       },
       true},
  };
}

std::vector<HtableCase> loadingCases() {
  return {
      loads("H01",
            R"({"arr::size":3,"arr[0]":"v1","arr[1]":"v2","arr[2]":3,"i":42,"s":"str","z":"last"})",
            "('i',0,1,'42',0), ('s',0,0,'str',0), ('bad',0,1,'abc',0), ('arr',1,0,'v1',0),"
            " ('arr',1,0,'v2',0), ('arr',1,1,'3',0), ('z',0,0,'last',0)",
            true),
      loads("H02", R"({"a::size":1,"a[0]":"v1","b::size":2,"b[0]":"w1","b[1]":"w2"})",
            "('a',1,0,'v1',0), ('b',1,0,'w1',0), ('b',1,0,'w2',0)"),
      loads("H04", R"({"d":"second"})", "('d',0,0,'first',0), ('d',0,0,'second',0)"),
      loads("H05", R"({"arr-count":2,"arr[0]":"v1","arr[1]":"v2"})",
            "('arr',1,0,'v1',0), ('arr',1,0,'v2',0)", false, "-count"),
      {"H07", "500 absent 100",
       [](Storage& s) {
         const auto at = [&](int seconds) {
           return std::to_string(FixedClock::kStart / 1000 + seconds);
         };
         const Module module("('e1',0,0,'x'," + at(500) + "), ('e2',0,0,'x'," + at(-5) +
                             "), ('e3',0,0,'x',0)");
         s.hashCreate("h", {{"autoexpire", 100}});
         s.hashReload("h", module.table());
         return life(s, "e1") + " " + life(s, "e2") + " " + life(s, "e3");
       }},
      {"H16", "{}",
       [](Storage& s) {
         s.hashPut("h", "mem", "gone");
         s.hashReload("h", Module("").table());
         return s.hashGetAll("h").dump();
       }},
      {"H17", R"(Io {"mem":"kept"})",
       [](Storage& s) {
         Module module("");
         module.execute("DROP TABLE htable");
         s.hashPut("h", "mem", "kept");
         const std::string reloaded =
             refusedOr([&] { return s.hashReload("h", module.table()), "reloaded"; });
         return reloaded + " " + contents(s);
       }},
      {"H20", "InvalidArgument InvalidArgument",
       [](Storage& s) {
         s.hashCreate("h");
         const std::string reloaded =
             refusedOr([&] { return s.hashReload("h", {.url = ""}), "reloaded"; });
         return reloaded + " " + refusedOr([&] { return s.hashStore("h", {.url = ""}), "stored"; });
       }},
      {"H22", R"({"1":"dup,1,x","43":"a1,7,*","49":"dt,5,n,1"})",
       [](Storage& s) {
         Module module("");
         makePrefixes(module);
         s.hashReload("h", module.columns("prefix", {"pfx", "carrier", "cost", "note"}));
         return contents(s);
       }},
      {"H25", "4104",
       [](Storage& s) {
         Module module("");
         module.execute("CREATE TABLE longv (k TEXT, v TEXT, w TEXT)");
         module.execute("INSERT INTO longv VALUES ('k', '" + std::string(4100, 'v') + "', 'www')");
         s.hashReload("h", module.columns("longv", {"k", "v", "w"}));
         return std::to_string(s.hashGet("h", "k").get<std::string>().size());
       },
       true},
      {"H26", "5000",
       [](Storage& s) {
         const Module module("('k',0,0,'" + std::string(5000, 'v') + "',0)");
         s.hashReload("h", module.table());
         return std::to_string(s.hashGet("h", "k").get<std::string>().size());
       }},
      {"H28", "fromdb from route",
       [](Storage&) {
         const Module module("('s',0,0,'fromdb',0)");
         Storage opened = module.opened(false);
         const std::string before = shown(opened.hashGet("h", "s"));
         opened.hashPut("h", "s", "from route");
         return before + " " + shown(opened.hashGet("h", "s"));
       }},
  };
}

}  // namespace

std::vector<HtableCase> databaseCases() {
  std::vector<HtableCase> cases = loadingCases();
  for (HtableCase& one : storingCases()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace hexpage::testing
