// What loading and storing promises, whatever the database is.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "src/database/database.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {

class DatabaseCases {
 public:
  DatabaseCases(Storage& storage, std::string url) : storage_(storage), url_(std::move(url)) {}

  void runAll() {
    storeThenLoadKeepsEveryDocument();
    storeMakesTheTableHoldTheHashAndNothingElse();
    loadGoesOverWhatIsThere();
    reloadReplaces();
    reloadThatFailsChangesNothing();
    kamailioRowsBecomeItems();
    kamailioRowsAreReplacedAsOne();
    aStoreThatFailsChangesNothing();
    rowsThatMakeNoItemAreSkippedOrRefused();
    columnsBecomeAnObjectOrAString();
    aColumnThatTheTableHasNotIsNamed();
    storedColumnsAreLoadedAsTheyWere();
    storeMakesATableOfColumns();
    storeOfColumnsChangesOnlyWhatItMust();
    anItemThatIsNoRowIsNotStored();
    keysThatAreOneInTheColumnAreNotStored();
    aStoreOfColumnsThatFailsChangesNothing();
    manyItemsAreStreamed();
    timesGoOver();
    kamailioTimesAreOfSeconds();
  }

 private:
  void execute(const std::string& sql) {
    Database::open(url_, Database::Access::Write)->execute(sql);
  }

  using Rows = std::vector<std::vector<std::string>>;
  Rows rows(const std::string& sql) {
    Rows found;
    Database::open(url_, Database::Access::Read)->query(sql, [&](std::span<const Cell> row) {
      found.emplace_back();
      for (const Cell& cell : row) found.back().emplace_back(cell.text.value_or("NULL"));
    });
    return found;
  }

  DatabaseTable table(const std::string& name, DatabaseLayout layout = DatabaseLayout::Documents) {
    DatabaseTable table{.url = url_, .table = name};
    table.layout = layout;
    return table;
  }

  std::map<std::string, std::string> texts(const std::string& path) {
    std::map<std::string, std::string> found;
    storage_.hashEachText(
        path, [&](const std::string& key, const std::string& text) { found[key] = text; });
    return found;
  }

  void storeThenLoadKeepsEveryDocument() {
    SCOPED_TRACE("storeThenLoadKeepsEveryDocument");
    const std::map<std::string, std::string> odd = {
        {"quote ' \" ` \\ %s", R"({"a":"it's","b":"\\N","c":"tab\tline\nend"})"},
        {"tab\tline\nreturn\r", R"("\\.\n\r\t")"},
        {"é🙂", R"(["é","🙂","\u0000"])"},
        {"a", "1"},
        {"A", "2"},
        {"a ", "3"},
        {"number", R"({"big":123456789012345678901234567890,"r":1.10,"e":1e400})"},
        {"null", "null"},
        {"deep", std::string(100, '[') + std::string(100, ']')}};
    for (const auto& [key, text] : odd) storage_.hashPutText("odd", key, text);
    EXPECT_EQ(storage_.hashStore("odd", table("odd")).items, odd.size());
    EXPECT_EQ(storage_.hashLoad("odd2", table("odd")).items, odd.size());
    EXPECT_EQ(texts("odd2"), odd);
  }

  void storeMakesTheTableHoldTheHashAndNothingElse() {
    SCOPED_TRACE("storeMakesTheTableHoldTheHashAndNothingElse");
    storage_.hashPutMulti("app/users", {{"ann", 1}, {"bob", 2}, {"eve", 3}});
    storage_.hashStore("app/users", {.url = url_});
    storage_.hashDelete("app/users", "bob");
    storage_.hashPut("app/users", "ann", 10);
    storage_.hashPut("app/users", "zoe", 4);
    storage_.hashStore("app/users", {.url = url_});
    EXPECT_EQ(rows("SELECT item_key, value FROM app_users ORDER BY item_key"),
              (Rows{{"ann", "10"}, {"eve", "3"}, {"zoe", "4"}}));
    storage_.hashDeleteAll("app/users");
    EXPECT_EQ(storage_.hashStore("app/users", {.url = url_}).items, 0u);
    EXPECT_TRUE(rows("SELECT item_key, value FROM app_users").empty());
    EXPECT_EQ(failureOf([&] { storage_.hashStore("nothing", {.url = url_}); }), Code::NoSuchKey);
  }

  void loadGoesOverWhatIsThere() {
    SCOPED_TRACE("loadGoesOverWhatIsThere");
    storage_.hashPutMulti("source", {{"a", 1}, {"b", 2}});
    storage_.hashStore("source", table("source"));
    storage_.hashPutMulti("target", {{"b", "old"}, {"c", 3}});
    EXPECT_EQ(storage_.hashLoad("target", table("source")).items, 2u);
    EXPECT_EQ(storage_.hashGetAll("target").size(), 3u);
    EXPECT_EQ(storage_.hashGet("target", "b"), 2);
    Transaction tx = storage_.begin({"target"});
    tx.hashPut("target", "b", "changed");
    tx.hashLoad("target", table("source"));
    EXPECT_EQ(tx.hashGet("target", "b"), 2);
    tx.rollback();
  }

  void reloadReplaces() {
    SCOPED_TRACE("reloadReplaces");
    storage_.hashCreate("again", {{"page_size", 7}, {"owner", "me"}});
    storage_.hashPut("again", "gone", 1);
    EXPECT_EQ(storage_.hashReload("again", table("source")).items, 2u);
    EXPECT_EQ(texts("again"), (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
    EXPECT_EQ(storage_.hashGetInfo("again").options, (Json{{"page_size", 7}, {"owner", "me"}}));
    execute("DELETE FROM source");
    EXPECT_EQ(storage_.hashReload("again", table("source")).items, 0u);
    EXPECT_EQ(storage_.hashGetInfo("again").length, 0u);
  }

  void reloadThatFailsChangesNothing() {
    SCOPED_TRACE("reloadThatFailsChangesNothing");
    storage_.hashPut("kept", "mem", 1);
    EXPECT_EQ(failureOf([&] { storage_.hashReload("kept", table("no_such_table")); }), Code::Io);
    EXPECT_THAT(messageOf([&] { storage_.hashLoad("kept", table("no_such_table")); }),
                ::testing::HasSubstr("no_such_table"));
    EXPECT_EQ(storage_.hashGetAll("kept"), (Json{{"mem", 1}}));
  }

  void makeKamailioTable(const std::string& name) {
    storage_.hashCreate("empty");
    storage_.hashStore("empty", table(name, DatabaseLayout::Kamailio));
  }

  void kamailioRowsBecomeItems() {
    SCOPED_TRACE("kamailioRowsBecomeItems");
    makeKamailioTable("htable");
    execute(
        "INSERT INTO htable (key_name, key_type, value_type, key_value) VALUES"
        " ('i', 0, 1, '42'), ('s', 0, 0, 'str'), ('d', 0, 0, 'first'), ('d', 0, 0, 'second'),"
        " ('arr', 1, 0, 'v1'), ('arr', 1, 0, 'v2'), ('arr', 1, 1, '3'), ('b', 1, 0, 'w'),"
        " ('json', 0, 0, '{\"a\":1}'), ('ten', 0, 0, '10')");
    storage_.hashReload("ht", table("htable", DatabaseLayout::Kamailio));
    EXPECT_EQ(texts("ht"), (std::map<std::string, std::string>{{"i", "42"},
                                                               {"s", "\"str\""},
                                                               {"d", "\"second\""},
                                                               {"arr[0]", "\"v1\""},
                                                               {"arr[1]", "\"v2\""},
                                                               {"arr[2]", "3"},
                                                               {"arr::size", "3"},
                                                               {"b[0]", "\"w\""},
                                                               {"b::size", "1"},
                                                               {"json", R"("{\"a\":1}")"},
                                                               {"ten", "\"10\""}}));
    DatabaseTable counted = table("htable", DatabaseLayout::Kamailio);
    counted.kamailio.arraySizeSuffix = "-count";
    storage_.hashReload("ht", counted);
    EXPECT_EQ(storage_.hashGetText("ht", "arr-count"), "3");
  }

  void kamailioRowsAreReplacedAsOne() {
    SCOPED_TRACE("kamailioRowsAreReplacedAsOne");
    storage_.hashDeleteAll("ht");
    storage_.hashPutMulti("ht", {{"arr[0]", "v1"},
                                 {"n", -7},
                                 {"most", 9223372036854775807},
                                 {"real", 1.5},
                                 {"o", {{"a", nullptr}}}});
    EXPECT_EQ(storage_.hashStore("ht", table("htable", DatabaseLayout::Kamailio)).items, 5u);
    EXPECT_EQ(rows("SELECT key_name, key_type, value_type, key_value, expires FROM htable"
                   " ORDER BY key_name"),
              (Rows{{"arr[0]", "0", "0", "v1", "0"},
                    {"most", "0", "1", "9223372036854775807", "0"},
                    {"n", "0", "1", "-7", "0"},
                    {"o", "0", "0", R"({"a":null})", "0"},
                    {"real", "0", "0", "1.5", "0"}}));
  }

  void aStoreThatFailsChangesNothing() {
    // The reference deletes all rows first and then inserts without a transaction (htable H19).
    SCOPED_TRACE("aStoreThatFailsChangesNothing");
    execute(
        "CREATE TABLE narrow (id INTEGER, key_name VARCHAR(64), key_type INTEGER,"
        " value_type INTEGER, key_value VARCHAR(128),"
        " CHECK (key_name <> 'refused'))");
    execute("INSERT INTO narrow VALUES (1, 'old', 0, 0, 'value')");
    storage_.hashPutMulti("refusing", {{"new", 1}, {"refused", 2}, {"other", 3}});
    EXPECT_EQ(failureOf([&] {
                storage_.hashStore("refusing", table("narrow", DatabaseLayout::Kamailio));
              }),
              Code::Io);
    EXPECT_EQ(rows("SELECT key_name, key_value FROM narrow"), (Rows{{"old", "value"}}));
  }

  void rowsThatMakeNoItemAreSkippedOrRefused() {
    SCOPED_TRACE("rowsThatMakeNoItemAreSkippedOrRefused");
    makeKamailioTable("bad");
    execute(
        "INSERT INTO bad (key_name, key_type, value_type, key_value) VALUES"
        " ('good', 0, 0, 'x'), ('', 0, 0, 'no key'), ('number', 0, 1, 'abc'),"
        " ('wide', 0, 1, '9223372036854775808')");
    DatabaseTable bad = table("bad", DatabaseLayout::Kamailio);
    const DatabaseTransfer loaded = storage_.hashLoad("bad", bad);
    EXPECT_EQ(loaded.items, 1u);
    EXPECT_EQ(loaded.skipped, 3u);
    EXPECT_EQ(loaded.problem, "row of : a key must not be empty");
    EXPECT_EQ(texts("bad"), (std::map<std::string, std::string>{{"good", "\"x\""}}));
    bad.isStrict = true;
    EXPECT_EQ(failureOf([&] { storage_.hashReload("kept", bad); }), Code::InvalidArgument);
    EXPECT_EQ(storage_.hashGetAll("kept"), (Json{{"mem", 1}}));
  }

  void columnsBecomeAnObjectOrAString() {
    SCOPED_TRACE("columnsBecomeAnObjectOrAString");
    execute(
        "CREATE TABLE prefix (pfx INTEGER, carrier VARCHAR(20), cost NUMERIC(8, 2), note "
        "VARCHAR(20))");
    execute("INSERT INTO prefix VALUES (49, 'd''t', 5.25, 'n,1'), (43, 'a1', 7, NULL)");
    DatabaseTable prefix = table("prefix", DatabaseLayout::Columns);
    prefix.columns = {"pfx", "carrier", "note"};
    storage_.hashLoad("prefix", prefix);
    EXPECT_EQ(texts("prefix"),
              (std::map<std::string, std::string>{{"49", R"({"carrier":"d't","note":"n,1"})"},
                                                  {"43", R"({"carrier":"a1","note":null})"}}));
    prefix.columns = {"carrier", "pfx", "cost"};
    storage_.hashReload("prefix", prefix);
    EXPECT_EQ(storage_.hashGetMember("prefix", "d't", "cost"), 5.25);
    EXPECT_EQ(storage_.hashGetMember("prefix", "a1", "pfx"), 43);
    prefix.columns = {"pfx", "carrier", "note"};
    prefix.delimiter = ",";
    storage_.hashReload("prefix", prefix);
    EXPECT_EQ(texts("prefix"),
              (std::map<std::string, std::string>{{"49", R"("d't,n,1")"}, {"43", R"("a1,*")"}}));
  }

  DatabaseTable columnsOf(const std::string& name, std::vector<std::string> columns,
                          const std::string& delimiter) {
    DatabaseTable made = table(name, DatabaseLayout::Columns);
    made.columns = std::move(columns);
    made.delimiter = delimiter;
    return made;
  }

  // What loading and storing say alike, which change nothing.
  std::string refusalOfColumns(const DatabaseTable& bad) {
    const std::string loaded = messageOf([&] { storage_.hashReload("shop", bad); });
    EXPECT_EQ(messageOf([&] { storage_.hashLoad("shop", bad); }), loaded);
    EXPECT_EQ(messageOf([&] { storage_.hashStore("shop", bad); }), loaded);
    EXPECT_EQ(failureOf([&] { storage_.hashReload("shop", bad); }), Code::InvalidArgument);
    EXPECT_EQ(failureOf([&] { storage_.hashStore("shop", bad); }), Code::InvalidArgument);
    EXPECT_EQ(texts("shop"), (std::map<std::string, std::string>{{"A-1", R"({"price":1})"}}));
    return loaded;
  }

  void aColumnThatTheTableHasNotIsNamed() {
    // SQLite took a misspelt name for a text: it was the value, or the key, of each item.
    SCOPED_TRACE("aColumnThatTheTableHasNotIsNamed");
    execute("CREATE TABLE shop (sku VARCHAR(20), price INTEGER)");
    execute("INSERT INTO shop VALUES ('B-2', 2)");
    storage_.hashPutText("shop", "A-1", R"({"price":1})");
    EXPECT_EQ(refusalOfColumns(columnsOf("shop", {"sku", "prize"}, "")),
              "table shop has no column prize; did you mean price?");
    EXPECT_EQ(refusalOfColumns(columnsOf("shop", {"sko", "price"}, "")),
              "table shop has no column sko; did you mean sku?");
    EXPECT_EQ(refusalOfColumns(table("shop")),
              "table shop has no column item_key; it has sku, price");
    EXPECT_EQ(rows("SELECT sku, price FROM shop"), (Rows{{"B-2", "2"}}));
    makeKamailioTable("ht_shop");
    execute(
        "INSERT INTO ht_shop (key_name, key_type, value_type, key_value) VALUES ('a', 0, 0, 'x')");
    for (std::string KamailioColumns::*const column :
         {&KamailioColumns::id, &KamailioColumns::keyName, &KamailioColumns::keyType,
          &KamailioColumns::valueType, &KamailioColumns::keyValue}) {
      DatabaseTable bad = table("ht_shop", DatabaseLayout::Kamailio);
      const std::string right = bad.kamailio.*column;
      bad.kamailio.*column += "_";
      EXPECT_EQ(refusalOfColumns(bad),
                "table ht_shop has no column " + right + "_; did you mean " + right + "?");
    }
    EXPECT_EQ(rows("SELECT key_name, key_value FROM ht_shop"), (Rows{{"a", "x"}}));
  }

  void storedColumnsAreLoadedAsTheyWere() {
    // The reference deletes the rows, writes none and says that all is well (htable H23).
    SCOPED_TRACE("storedColumnsAreLoadedAsTheyWere");
    execute(
        "CREATE TABLE price (pfx INTEGER, carrier VARCHAR(20), cost INTEGER, note VARCHAR(20))");
    const DatabaseTable packed = columnsOf("price", {"pfx", "carrier", "cost", "note"}, "|");
    const std::map<std::string, std::string> strings = {
        {"49", R"("d't|5|n,\\N")"}, {"43", R"("a1|*|")"}, {"1", R"("é\t|-7|*")"}};
    for (const auto& [key, text] : strings) storage_.hashPutText("price", key, text);
    EXPECT_EQ(storage_.hashStore("price", packed).items, 3u);
    EXPECT_EQ(
        rows("SELECT pfx, carrier, cost, note FROM price ORDER BY pfx"),
        (Rows{{"1", "é\t", "-7", "NULL"}, {"43", "a1", "NULL", ""}, {"49", "d't", "5", "n,\\N"}}));
    storage_.hashReload("price2", packed);
    EXPECT_EQ(texts("price2"), texts("price"));
    const DatabaseTable objects = columnsOf("price", {"pfx", "carrier", "cost", "note"}, "");
    storage_.hashReload("price", objects);
    storage_.hashPutText("price", "7", R"( {"note": "{}", "cost": 9, "carrier": null} )");
    EXPECT_EQ(storage_.hashStore("price", objects).items, 4u);
    storage_.hashReload("price2", objects);
    storage_.hashPutText("price", "7", R"({"carrier":null,"cost":9,"note":"{}"})");
    EXPECT_EQ(texts("price2"), texts("price"));
  }

  void storeMakesATableOfColumns() {
    SCOPED_TRACE("storeMakesATableOfColumns");
    storage_.hashPutMulti("made_columns", {{"a", "x,y"}, {"A", "*,"}});
    const DatabaseTable made = columnsOf("made_columns", {"name", "first", "second"}, ",");
    storage_.hashStore("made_columns", made);
    storage_.hashReload("made2", made);
    EXPECT_EQ(texts("made2"), texts("made_columns"));
    const DatabaseTable one = columnsOf("made_columns", {"name", "first"}, ",");
    storage_.hashPut("made_one", "a", "x,y");
    storage_.hashStore("made_one", one);
    EXPECT_EQ(rows("SELECT name, first, second FROM made_columns"), (Rows{{"a", "x,y", "y"}}));
  }

  void storeOfColumnsChangesOnlyWhatItMust() {
    SCOPED_TRACE("storeOfColumnsChangesOnlyWhatItMust");
    execute("CREATE TABLE shared_rows (k VARCHAR(20), v VARCHAR(20), owner VARCHAR(20))");
    execute(
        "INSERT INTO shared_rows VALUES ('same', '1', 'me'), ('changed', '1', 'me'),"
        " ('gone', '1', 'me'), (NULL, '1', 'me'), ('null', NULL, 'me')");
    storage_.hashPutMulti("shared_rows",
                          {{"same", "1"}, {"changed", "2"}, {"null", "3"}, {"new", "4"}});
    const DatabaseTable shared = columnsOf("shared_rows", {"k", "v"}, ",");
    storage_.hashStore("shared_rows", shared);
    const Rows expected = {
        {"changed", "2", "me"}, {"new", "4", "NULL"}, {"null", "3", "me"}, {"same", "1", "me"}};
    EXPECT_EQ(rows("SELECT k, v, owner FROM shared_rows ORDER BY k"), expected);
    storage_.hashDeleteAll("shared_rows");
    EXPECT_EQ(storage_.hashStore("shared_rows", shared).items, 0u);
    EXPECT_TRUE(rows("SELECT k FROM shared_rows").empty());
  }

  // Stores this value beside a good one to a table of k, v, w, and tells what was said.
  std::string refusalOf(const char* text, const std::string& delimiter) {
    storage_.hashDeleteAll("no_row");
    storage_.hashPutText("no_row", "good", delimiter.empty() ? R"({"v":1,"w":2})" : R"("1,2")");
    storage_.hashPutText("no_row", "the bad one", text);
    const DatabaseTable to = columnsOf("kvw", {"k", "v", "w"}, delimiter);
    EXPECT_EQ(failureOf([&] { storage_.hashStore("no_row", to); }), Code::InvalidArgument);
    return messageOf([&] { storage_.hashStore("no_row", to); });
  }

  void anItemThatIsNoRowIsNotStored() {
    SCOPED_TRACE("anItemThatIsNoRowIsNotStored");
    storage_.hashCreate("no_row");
    refusalOf(R"("1,2,3")", ",");
    EXPECT_EQ(failureOf([&] { rows("SELECT k FROM kvw"); }), Code::Io);  // it makes no table
    execute("CREATE TABLE kvw (k VARCHAR(20), v VARCHAR(20), w VARCHAR(20))");
    execute("INSERT INTO kvw VALUES ('old', 'x', 'y')");
    for (const char* bad : {R"("1")", R"("1,2,3")", R"("")", "5", "null", R"(["1","2"])"})
      EXPECT_THAT(refusalOf(bad, ","), ::testing::StartsWith("item the bad one: ")) << bad;
    for (const char* bad : {R"({"v":1})", R"({"v":1,"w":2,"x":3})", R"({"v":1,"w":[2]})",
                            R"({"v":1,"w":true})", R"("1,2")", "5", "{}"})
      EXPECT_THAT(refusalOf(bad, ""), ::testing::StartsWith("item the bad one: ")) << bad;
    EXPECT_EQ(rows("SELECT k, v, w FROM kvw"), (Rows{{"old", "x", "y"}}));
    EXPECT_EQ(failureOf([&] { storage_.hashStore("no_row", columnsOf("kvw", {"k"}, ",")); }),
              Code::InvalidArgument);
  }

  void keysThatAreOneInTheColumnAreNotStored() {
    SCOPED_TRACE("keysThatAreOneInTheColumnAreNotStored");
    execute("CREATE TABLE numbered (k INTEGER, v VARCHAR(20))");
    storage_.hashPutMulti("numbered", {{"7", "a"}, {"07", "b"}, {"8", "c"}});
    const DatabaseTable numbered = columnsOf("numbered", {"k", "v"}, ",");
    EXPECT_THAT(messageOf([&] { storage_.hashStore("numbered", numbered); }),
                ::testing::StartsWith("item 7: another key is the same"));
    EXPECT_TRUE(rows("SELECT k FROM numbered").empty());
  }

  void aStoreOfColumnsThatFailsChangesNothing() {
    SCOPED_TRACE("aStoreOfColumnsThatFailsChangesNothing");
    execute("CREATE TABLE checked (k VARCHAR(20), v VARCHAR(20), CHECK (v <> 'refused'))");
    execute("INSERT INTO checked VALUES ('old', 'x'), ('other', 'y')");
    storage_.hashPutMulti("checked", {{"other", "z"}, {"new", "refused"}});
    EXPECT_EQ(failureOf([&] {
                storage_.hashStore("checked", columnsOf("checked", {"k", "v"}, ","));
              }),
              Code::Io);
    EXPECT_EQ(rows("SELECT k, v FROM checked ORDER BY k"), (Rows{{"old", "x"}, {"other", "y"}}));
  }

  void manyItemsAreStreamed() {
    SCOPED_TRACE("manyItemsAreStreamed");
    Json records = Json::object();
    for (int i = 0; i < 3000; ++i) records["key " + std::to_string(i)] = i;
    storage_.hashPutMulti("many", records);
    std::vector<std::uint64_t> told;
    DatabaseTable many = table("many");
    many.progress = [&](std::uint64_t items) { told.push_back(items); };
    EXPECT_EQ(storage_.hashStore("many", many).items, 3000u);
    EXPECT_EQ(storage_.hashLoad("many2", many).items, 3000u);
    EXPECT_EQ(told, (std::vector<std::uint64_t>{1000, 2000, 3000, 1000, 2000, 3000}));
    EXPECT_EQ(storage_.hashGetInfo("many2").length, 3000u);
  }

  void timesGoOver() {
    SCOPED_TRACE("timesGoOver");
    storage_.hashPut("times", "ever", 1);
    storage_.hashPut("times", "hour", 2, {.ttl = std::chrono::hours(1)});
    storage_.hashPut("times", "past", 3, {.ttl = std::chrono::hours(1)});
    storage_.hashStore("times", table("times"));
    execute("UPDATE times SET expires = 1000 WHERE item_key = 'past'");
    const DatabaseTransfer loaded = storage_.hashLoad("times2", table("times"));
    EXPECT_EQ(loaded.items, 2u);
    EXPECT_EQ(loaded.expired, 1u);
    EXPECT_EQ(storage_.hashTimeToLive("times2", "ever"), std::nullopt);
    EXPECT_LE(storage_.hashTimeToLive("times2", "hour"), storage_.hashTimeToLive("times", "hour"));
    storage_.hashPersist("times", "hour");
    storage_.hashStore("times", table("times"));
    EXPECT_EQ(rows("SELECT expires FROM times WHERE item_key = 'hour'"), (Rows{{"0"}}));
    DatabaseTable without = table("times_without");
    without.expires = "";
    storage_.hashStore("times2", without);
    storage_.hashLoad("times3", table("times_without"));
    EXPECT_EQ(storage_.hashTimeToLive("times3", "hour"), std::nullopt);
  }

  void kamailioTimesAreOfSeconds() {
    SCOPED_TRACE("kamailioTimesAreOfSeconds");
    makeKamailioTable("ht_times");
    execute(
        "INSERT INTO ht_times (key_name, key_type, value_type, key_value, expires) VALUES"
        " ('future', 0, 0, 'x', 2000000000), ('past', 0, 0, 'x', 1000), ('ever', 0, 0, 'x', 0)");
    storage_.hashCreate("ht_times", {{"autoexpire", 100}});
    const DatabaseTable times = table("ht_times", DatabaseLayout::Kamailio);
    EXPECT_EQ(storage_.hashReload("ht_times", times).expired, 1u);
    EXPECT_EQ(storage_.hashCount("ht_times", {}), 2u);
    EXPECT_LE(storage_.hashTimeToLive("ht_times", "ever"), Millis(100'000));
    EXPECT_GT(storage_.hashTimeToLive("ht_times", "future"), Millis(1'000'000));
    storage_.hashPersist("ht_times", "ever");
    storage_.hashStore("ht_times", times);
    EXPECT_EQ(rows("SELECT key_name, expires FROM ht_times ORDER BY key_name"),
              (Rows{{"ever", "0"}, {"future", "2000000000"}}));
  }

  Storage& storage_;
  std::string url_;
};

}  // namespace hexpage::testing
