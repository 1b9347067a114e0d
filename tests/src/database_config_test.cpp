// Hashes that the config makes, loads from a database and saves to it.
#include <chrono>
#include <memory>
#include <thread>

#include "src/database/database.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

class DatabaseConfig : public ::testing::Test {
 protected:
  Json config(const Json& plan) const {
    Json table = {{"url", url_}};
    table.update(plan);
    return {{"backend", "memory"}, {"databases", {{"users", table}}}};
  }

  std::string refusal(const Json& config) {
    EXPECT_EQ(failureOf([&] { Storage::checkConfig(config); }), Code::InvalidArgument) << config;
    return messageOf([&] { Storage::checkConfig(config); });
  }

  // A table that holds {"ann": 1}.
  void fillTable() {
    Storage storage = Storage::open({{"backend", "memory"}});
    storage.hashPut("users", "ann", 1);
    storage.hashStore("users", {.url = url_});
  }

  std::string savedText() {
    std::string text;
    Database::open(url_, Database::Access::Read)
        ->query("SELECT value FROM users ORDER BY item_key",
                [&](std::span<const Cell> row) { text.append(*row[0].text).append(";"); });
    return text;
  }

  TempDir dir_;
  const std::string url_ = "sqlite:///" + (dir_.path() / "a.db").string();
};

TEST_F(DatabaseConfig, MakesHashesWithTheirOptions) {
  Storage storage =
      Storage::open({{"backend", "memory"},
                     {"hashes", {{"calls", {{"initval", 5}}}, {"users", Json::object()}}}});
  EXPECT_EQ(storage.hashes().size(), 2u);
  EXPECT_EQ(storage.hashIncrement("calls", "ann"), 6);
}

TEST_F(DatabaseConfig, LoadsAHashThatIsEmpty) {
  fillTable();
  Storage storage = Storage::open(config(Json::object()));
  EXPECT_EQ(storage.hashGet("users", "ann"), 1);
}

TEST_F(DatabaseConfig, LoadsOverAHashThatIsNotOnlyWhenToldTo) {
  fillTable();
  Json durable = config(Json::object());
  durable["backend"] = "filesystem";
  durable["filesystem"] = {{"base_dir", (dir_.path() / "data").string()}};
  Storage::open(durable).hashPut("users", "ann", "newer");
  EXPECT_EQ(Storage::open(durable).hashGet("users", "ann"), "newer");
  durable["databases"]["users"]["load"] = "always";
  EXPECT_EQ(Storage::open(durable).hashGet("users", "ann"), 1);
}

TEST_F(DatabaseConfig, ALoadThatFailsIsAnErrorOfOpen) {
  EXPECT_EQ(failureOf([&] { Storage::open(config(Json::object())); }), Code::Io);
  EXPECT_NO_THROW(Storage::open(config({{"load", "never"}})));
}

TEST_F(DatabaseConfig, SavesAtClose) {
  fillTable();
  {
    Storage storage = Storage::open(config({{"save", true}}));
    storage.hashPut("users", "bob", 2);
    EXPECT_EQ(savedText(), "1;");
  }
  EXPECT_EQ(savedText(), "1;2;");
}

TEST_F(DatabaseConfig, SavesToATableOfColumns) {
  Database::open(url_, Database::Access::Write)
      ->execute("CREATE TABLE users (item_key TEXT, value TEXT, owner TEXT)");
  const Json config =
      this->config({{"columns", "item_key,value,owner"}, {"delimiter", ","}, {"save", true}});
  Storage::open(config).hashPut("users", "bob", "2,me");
  EXPECT_EQ(savedText(), "2;");
  EXPECT_EQ(Storage::open(config).hashGet("users", "bob"), "2,me");
}

TEST_F(DatabaseConfig, AnEmptyTableAtOpenDoesNotDisableSaving) {
  // The reference saves nothing when its table had no rows at start (htable H11).
  fillTable();
  Database::open(url_, Database::Access::Write)->execute("DELETE FROM users");
  {
    Storage storage = Storage::open(config({{"save", true}}));
    storage.hashPut("users", "bob", 2);
  }
  EXPECT_EQ(savedText(), "2;");
}

TEST_F(DatabaseConfig, SavesAtIntervalsConcurrently) {
  Storage storage =
      Storage::open(config({{"load", "never"}, {"save", true}, {"save_interval", 10}}));
  storage.hashPut("users", "ann", 7);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string saved;
  while (saved.empty() && std::chrono::steady_clock::now() < deadline) try {
      saved = savedText();
    } catch (const Error&) {  // the table is not there yet
      std::this_thread::yield();
    }
  EXPECT_EQ(saved, "7;");
}

// A forked child stored to the table what it had in memory, or waited for a thread that it had not.
TEST_F(DatabaseConfig, AForkedChildSavesNothing) {
  fillTable();
  auto storage = std::make_unique<Storage>(
      Storage::open(config({{"save", true}, {"save_interval", 3'600'000}})));
  Process([&](const Line&) {
    storage->hashPut("users", "ann", 2);
    storage.reset();
  }).expectSuccess();
  EXPECT_EQ(savedText(), "1;");
}

TEST_F(DatabaseConfig, TellsWhyASaveFailed) {
  Storage storage = Storage::open(config({{"url", "sqlite:////no/such/directory/a.db"},
                                          {"load", "never"},
                                          {"save", true},
                                          {"save_interval", 1}}));
  storage.hashPut("users", "ann", 7);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (storage.saveProblem().empty() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_NE(storage.saveProblem().find("users: sqlite /no/such/directory/a.db"), std::string::npos)
      << storage.saveProblem();
}

TEST_F(DatabaseConfig, RefusesWhatMakesNoSense) {
  EXPECT_NE(refusal(config({{"url", "users.db"}})).find("sqlite:///file"), std::string::npos);
  EXPECT_NE(refusal(config({{"tabel", "x"}})).find("databases.users.table"), std::string::npos);
  EXPECT_NE(refusal(config({{"layout", "xml"}})).find("kamailio"), std::string::npos);
  EXPECT_NE(refusal({{"backend", "memory"}, {"hashes", {{"users", 5}}}}).find("hashes.users"),
            std::string::npos);
}

}  // namespace
}  // namespace hexpage::testing
