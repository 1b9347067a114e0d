// The stores that the tests of the hash API run over, and a fixture with one of them open.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <hexpage/hexpage.hpp>
#include <hexpage/testing/contract/fixture.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace hexpage::testing {

struct StoreKind {
  std::string name;
  std::string backend;
  Json section = Json::object();  // of the backend, without its directory
  bool durable = false;
  int syncInterval = 0;  // 0: the files show every change at once

  Json config(const std::string& dir) const {
    Json config = {{"backend", backend}};
    if (backend == "memory") return config;
    config["sync_interval"] = syncInterval;
    config[backend] = section;
    config[backend]["base_dir"] = dir;
    return config;
  }
};

inline void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }

inline std::string storeName(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

inline StoreKind inMemory() { return {"memory", "memory", Json::object(), false}; }
inline StoreKind rawFiles() { return {"raw", "filesystem", Json::object(), true}; }
inline StoreKind prettyFiles() { return {"pretty", "filesystem", {{"pretty", true}}, true}; }
inline StoreKind md5Files() { return {"md5", "filesystem", {{"raw_file_paths", false}}, true}; }

// What is changed comes into the files later, as with the settings that users have.
inline StoreKind bufferedFiles() { return {"buffered", "filesystem", Json::object(), true, 1000}; }

// Small files of the log, so that there are several.
inline StoreKind binaryStore() {
  return {"binary", "binary", {{"segment_bytes", 65536}}, true, 1000};
}

inline std::vector<StoreKind> allStores() {
  return {inMemory(), rawFiles(), bufferedFiles(), md5Files(), prettyFiles(), binaryStore()};
}

// The code of the Error that `call` throws; nullopt when it throws none.
template <class Call>
std::optional<Code> failureOf(Call call) {
  try {
    call();
  } catch (const Error& e) {
    return e.code();
  }
  return std::nullopt;
}

// The Error that `call` throws.
template <class Call>
std::optional<Error> errorOf(Call call) {
  try {
    call();
  } catch (const Error& e) {
    return e;
  }
  return std::nullopt;
}

// What the Error that `call` throws says; "" when it throws none.
template <class Call>
std::string messageOf(Call call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

inline void expectClean(const Report& report) {
  for (const Finding& finding : report.findings)
    EXPECT_EQ(finding.severity, Severity::Note) << finding.file << ": " << finding.reason;
}

// One open store in a directory of its own. `settings` are members of the config beside the
// backend.
class TestStore {
 public:
  explicit TestStore(StoreKind kind, const Json& settings = Json::object(),
                     WallClock clock = systemTime)
      : kind_(std::move(kind)), settings_(settings), clock_(std::move(clock)) {
    open();
  }

  Storage& operator*() { return *storage_; }
  Storage* operator->() { return &*storage_; }

  // The data directory; there is none for a store in memory.
  std::filesystem::path dir() const { return dir_.path() / "data"; }

  void close() { storage_.reset(); }
  void open() {
    Json config = kind_.config(dir().string());
    config.update(settings_);
    storage_.emplace(Storage::open(config, clock_));
  }

  // Closes and opens a durable store; another stays as it is.
  void reopen() {
    if (!kind_.durable) return;
    close();
    open();
  }

 private:
  TempDir dir_;
  StoreKind kind_;
  Json settings_;
  WallClock clock_;
  std::optional<Storage> storage_;
};

// A test over every store; what it leaves must be sound, now and when opened again.
class HashApi : public ::testing::TestWithParam<StoreKind> {
 protected:
  void TearDown() override {
    expectClean(storage().verify());
    store_.reopen();
    expectClean(storage().verify());
  }

  Storage& storage() { return *store_; }
  void reopen() { store_.reopen(); }

  // The assertions hold now and after closing and opening the store.
  void holds(const std::function<void()>& assertions) {
    assertions();
    SCOPED_TRACE("after closing and opening the store");
    reopen();
    assertions();
  }

 private:
  TestStore store_{GetParam()};
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(HashApi);

}  // namespace hexpage::testing
