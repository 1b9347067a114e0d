// What every contract test stands on: one open backend in a directory of its own, short words for
// its calls, and at the end a check that the store is sound.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <hexpage/backend.hpp>
#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage {

// GoogleTest prints these in a failed comparison.
inline void PrintTo(Code code, std::ostream* out) { *out << name(code); }
inline void PrintTo(const Item& item, std::ostream* out) { *out << item.key << ": " << item.text; }
inline void PrintTo(const Value& value, std::ostream* out) {
  *out << value.text << " until " << value.expires;
}

}  // namespace hexpage

namespace hexpage::testing {

// A backend to hold to its promises.
struct ContractBackend {
  std::string name;  // letters, digits and '_': the tests are named by it

  // Opens the store that is in the directory, or an empty one.
  std::function<std::unique_ptr<Backend>(const std::string& dir)> open;

  // Whether the store is still there when it is closed and opened again.
  bool durable = false;

  // `page_size` of the hashes that the tests make; 0 leaves the member out.
  std::size_t pageSize = 0;
};

// GoogleTest prints this beside a failed test.
inline void PrintTo(const ContractBackend& backend, std::ostream* out) { *out << backend.name; }

// For the last argument of INSTANTIATE_TEST_SUITE_P: the tests get the backend's name.
inline std::string contractName(const ::testing::TestParamInfo<ContractBackend>& info) {
  return info.param.name;
}

using Items = std::map<std::string, std::string>;  // text by key

class Contract : public ::testing::TestWithParam<ContractBackend> {
 protected:
  void SetUp() override { open(); }

  // A store is sound after whatever the test did, and still sound when it is opened again.
  void TearDown() override {
    if (!backend_) return;
    expectClean();
    if (!durable()) return;
    reopen();
    expectClean();
  }

  bool durable() const { return GetParam().durable; }
  Backend& backend() { return *backend_; }

  void reopen() {
    backend_.reset();
    open();
  }

  // Lets another process open the store, do this, and be killed before it can close it.
  void inAKilledProcess(const std::function<void()>& work) {
    backend_.reset();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        open();
        work();
        ::raise(SIGKILL);
      } catch (...) {
      }
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the work failed";
    open();
  }

  // The assertions hold now and, where the store is durable, after it was closed and opened.
  void holds(const std::function<void()>& assertions) {
    assertions();
    if (!durable() || HasFatalFailure()) return;
    SCOPED_TRACE("after closing and opening the store");
    reopen();
    assertions();
  }

  std::string options() const {
    if (GetParam().pageSize == 0) return "{}";
    return R"({"page_size":)" + std::to_string(GetParam().pageSize) + "}";
  }

  Create create(const std::string& path) const { return {path, options()}; }

  Applied apply(const Batch& batch) { return backend().apply(batch); }
  template <class C>
  Applied applyOne(C change) {
    return backend().apply(Batch{}.add(std::move(change)));
  }

  void makeHash(const std::string& path, const Items& items = {}) {
    Batch batch;
    batch.add(create(path));
    for (const auto& [key, text] : items) batch.add(Put{path, key, text});
    apply(batch);
  }

  std::optional<Value> getValue(std::string_view path, std::string_view key) {
    const auto found = backend().get(path, std::span(&key, 1));
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? std::nullopt : found.front();
  }

  std::optional<std::string> get(std::string_view path, std::string_view key) {
    const auto found = getValue(path, key);
    return found ? std::optional(found->text) : std::nullopt;
  }

  // -1 when there is no hash.
  std::int64_t length(std::string_view path) {
    const auto info = backend().info(path);
    return info ? static_cast<std::int64_t>(info->length) : -1;
  }

  // Everything a whole scan tells; an item that comes twice fails the test.
  Items items(std::string_view path) { return itemsFrom(path, ""); }

  // What the scan tells from the cursor on.
  Items itemsFrom(std::string_view path, std::string cursor) {
    Items all;
    do {
      const Chunk chunk = backend().scan(path, cursor);
      addOnce(all, chunk);
      cursor = chunk.next;
    } while (!cursor.empty());
    return all;
  }

  static void addOnce(Items& all, const Chunk& chunk) {
    for (const Item& item : chunk.items)
      EXPECT_TRUE(all.emplace(item.key, item.text).second) << "told twice: " << item.key;
  }

  // As items(), with `between` called between the chunks, each time with the number of the chunk. A
  // durable store is closed and opened now and then: the cursor goes on in another object.
  Items scanWhile(std::string_view path, const std::function<void(std::size_t)>& between) {
    constexpr std::size_t kMaxChunks = 20'000;  // a cursor that does not move ends here
    Items seen;
    std::string cursor;
    for (std::size_t n = 0; n < kMaxChunks; ++n) {
      const Chunk chunk = backend().scan(path, cursor);
      addOnce(seen, chunk);
      cursor = chunk.next;
      if (cursor.empty()) return seen;
      between(n);
      if (durable() && n % 8 == 0) reopen();
    }
    ADD_FAILURE() << "the scan does not end";
    return seen;
  }

  // All that paths() tells, in its order.
  std::vector<std::string> paths(std::string_view prefix = "") {
    std::vector<std::string> all;
    std::string cursor;
    do {
      const PathChunk chunk = backend().paths(prefix, cursor);
      for (const PathEntry& entry : chunk.entries) all.push_back(entry.path);
      cursor = chunk.next;
    } while (!cursor.empty());
    return all;
  }

  // The code of the Error that the batch throws; nullopt when it throws none.
  std::optional<Code> failureOf(const Batch& batch) {
    try {
      apply(batch);
    } catch (const Error& e) {
      return e.code();
    }
    return std::nullopt;
  }

  void expectClean() {
    Report report;
    backend().check(report);
    for (const Finding& finding : report.findings)
      EXPECT_EQ(finding.severity, Severity::Note) << finding.file << ": " << finding.reason;
  }

  static std::string numbered(std::string_view word, std::size_t n) {
    return std::string(word) + std::to_string(n);
  }

  // `count` items `key0`... with their number as text.
  static Items manyItems(std::size_t count) {
    Items items;
    for (std::size_t n = 0; n < count; ++n) items[numbered("key", n)] = std::to_string(n);
    return items;
  }

 private:
  void open() {
    backend_ = GetParam().open(dir_.string());
    ASSERT_NE(backend_, nullptr);
  }

  TempDir dir_;
  std::unique_ptr<Backend> backend_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Contract);

// More items than fit in a few pages of any page size up to 50, so that pages split and gather.
inline constexpr std::size_t kManyItems = 90;

}  // namespace hexpage::testing
