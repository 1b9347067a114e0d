// hashLoad, hashReload, hashStore with SQLite, PostgreSQL and MariaDB.
#include "tests/support/database_cases.hpp"
#include "tests/support/database_server.hpp"

namespace hexpage::testing {

class Databases : public HashApi {
 protected:
  void SetUp() override { std::filesystem::create_directories(dir_.path()); }
  std::string sqlite() const { return "sqlite:///" + (dir_.path() / "a.db").string(); }

 private:
  TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(Stores, Databases,
                         ::testing::Values(inMemory(), rawFiles(), binaryStore()), storeName);

TEST_P(Databases, SqliteKeepsThePromises) { DatabaseCases(storage(), sqlite()).runAll(); }

TEST(DatabaseServers, PostgresqlKeepsThePromises) {
  const auto server = DatabaseServer::postgresql();
  if (!server) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  TestStore store(inMemory());
  DatabaseCases(*store, server->url()).runAll();
}

TEST(DatabaseServers, MariadbKeepsThePromises) {
  const auto server = DatabaseServer::mariadb();
  if (!server) GTEST_SKIP() << "MariaDB's server is not installed";
  TestStore store(inMemory());
  DatabaseCases(*store, server->url()).runAll();
}

TEST_P(Databases, AColumnThatSqliteListsNowhereIsOneAllTheSame) {
  Database::open(sqlite(), Database::Access::Write)->execute("CREATE TABLE t (Name TEXT, v TEXT)");
  storage().hashPutMulti("t", {{"a", {{"v", "1"}}}, {"b", {{"v", "2"}}}});
  DatabaseTable table{.url = sqlite(), .layout = DatabaseLayout::Columns};
  table.columns = {"name", "v"};
  storage().hashStore("t", table);
  table.columns = {"rowid", "NAME"};
  storage().hashReload("t", table);
  EXPECT_EQ(storage().hashGetAll("t").size(), 2u);
  EXPECT_TRUE(storage().hashHas("t", "1"));
}

TEST_P(Databases, ALoadMakesNoDatabase) {
  EXPECT_EQ(failureOf([&] { storage().hashLoad("h", {.url = sqlite()}); }), Code::Io);
  EXPECT_TRUE(storage().hashes().empty());
}

TEST_P(Databases, AUrlThatIsNoneIsRefused) {
  for (const char* bad : {"", "users.db", "sqlite://users.db", "sqlite:///", "oracle://h/d",
                          "mysql://h:x/d", "mysql://h", "postgresql://"})
    EXPECT_EQ(failureOf([&] { storage().hashLoad("h", {.url = bad}); }), Code::InvalidArgument)
        << bad;
}

TEST_P(Databases, MessagesHaveNoPassword) {
  for (const std::string url :
       {"mysql://me:secret@127.0.0.1:1/d", "postgresql://me:secret@127.0.0.1:1/d"}) {
    const std::string message = messageOf([&] { storage().hashLoad("h", {.url = url}); });
    EXPECT_THAT(message, ::testing::HasSubstr("127.0.0.1:1/d"));
    EXPECT_THAT(message, ::testing::Not(::testing::HasSubstr("secret")));
  }
}

}  // namespace hexpage::testing
