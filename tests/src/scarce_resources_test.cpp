// What the process runs out of: descriptors, and memory. An error then has no effect and leaves
// nothing behind, and what is large is read in little memory.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>

#include "support/digest.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stores.hpp"

namespace hexpage::testing {
namespace {

namespace fs = std::filesystem;

// The sanitizers need descriptors and memory of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

bool isThorough() { return std::getenv("HEXPAGE_THOROUGH") != nullptr; }

std::size_t openDescriptors() {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

// In KiB, as /proc/self/status has it: VmData.
std::size_t memoryOf(const std::string& member) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(member + ":")) return std::stoull(line.substr(member.size() + 1));
  throw std::runtime_error("/proc/self/status has no " + member);
}

// In a process of its own, so that its limits are gone with it.
void inAnother(const std::function<void()>& work) {
  Process([&](const Line&) { work(); }).expectSuccess();
}

void limit(int resource, rlim_t to) {
  rlimit limits;
  ASSERT_EQ(::getrlimit(static_cast<__rlimit_resource>(resource), &limits), 0);
  limits.rlim_cur = to;
  ASSERT_EQ(::setrlimit(static_cast<__rlimit_resource>(resource), &limits), 0);
}

// The most memory that the process had so far, in KiB; needs no descriptor to tell.
std::size_t mostMemory() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss);
}

// While it is there no descriptor is free, whichever ones the process inherited.
class NoDescriptorFree {
 public:
  NoDescriptorFree() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    limit(RLIMIT_NOFILE, 512);
    for (int taken; (taken = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
      taken_.push_back(taken);
    EXPECT_EQ(errno, EMFILE);
  }
  NoDescriptorFree(const NoDescriptorFree&) = delete;
  NoDescriptorFree& operator=(const NoDescriptorFree&) = delete;
  ~NoDescriptorFree() {
    for (const int taken : taken_) ::close(taken);
    limit(RLIMIT_NOFILE, before_.rlim_cur);
  }

 private:
  rlimit before_;
  std::vector<int> taken_;
};

class ScarceResources : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    if (kIsSanitized) GTEST_SKIP() << "a sanitizer takes what is to be scarce";
  }

  Json config(const std::string& name = "data") const {
    Json config = GetParam().config((dir_.path() / name).string());
    if (GetParam().backend == "filesystem") config["filesystem"]["cache"] = {{"enabled", false}};
    config[GetParam().backend].erase("segment_bytes");  // no file of the log is to come meanwhile
    return config;
  }

  TempDir dir_;
};

// With HEXPAGE_THOROUGH set 10,000 errors, else some.
TEST_P(ScarceResources, OfDescriptorsNoneLeaksWhenThereAreTooFew) {
  const std::size_t many = isThorough() ? 10'000 : 1'000;
  inAnother([&] {
    const std::size_t before = openDescriptors();
    auto opened = std::make_unique<Storage>(Storage::open(config()));
    Storage& storage = *opened;
    for (int n = 0; n < 20; ++n)
      storage.hashPut("users", std::to_string(n), n, {.create = {{"page_size", 5}}});
    storage.sync();
    const std::vector<std::function<void(int)>> calls{
        [&](int n) { storage.hashGet("users", std::to_string(n % 20)); },
        [&](int n) { storage.hashPut("users", std::to_string(n % 20), n % 20); },
        [&](int) { storage.list(); },
        [&](int) { storage.verify(); },
        [&](int) { Storage::open(config("other")); },
    };
    std::size_t errors = 0, memory = 0;
    auto scarcity = std::make_unique<NoDescriptorFree>();
    for (int n = 0; errors < many; ++n) {
      const auto error = errorOf([&] { calls[n % calls.size()](n); });
      if (errors == many / 10) memory = mostMemory();
      if (!error) continue;
      ++errors;
      EXPECT_EQ(error->code(), Code::Io) << error->what();
      EXPECT_NE(std::string(error->what()).find("Too many open files"), std::string::npos)
          << error->what();
    }
    EXPECT_LT(mostMemory(), memory + 4096) << "KiB";
    scarcity.reset();
    for (int n = 0; n < 20; ++n) EXPECT_EQ(storage.hashGet("users", std::to_string(n)), n);
    expectClean(storage.verify());
    opened.reset();
    EXPECT_EQ(openDescriptors(), before);
  });
}

// So ordered that keys of one page follow each other: each page is written once.
std::vector<std::string> keysByPage(std::size_t count) {
  std::map<Digest, std::string> keys;
  for (std::size_t n = 0; n < count; ++n) {
    std::string key = "key" + std::to_string(n);
    const Digest digest = Digest::of(key);
    keys.emplace(digest, std::move(key));
  }
  std::vector<std::string> ordered;
  for (auto& [digest, key] : keys) ordered.push_back(std::move(key));
  return ordered;
}

// 16 MiB of documents in 8 MiB; with HEXPAGE_THOROUGH set, 1 GiB in 64 MiB.
TEST_P(ScarceResources, OfMemoryALargeHashNeedsLittle) {
  const std::size_t items = (isThorough() ? 1024 : 16) * 1024, mebibytes = isThorough() ? 64 : 8;
  inAnother([&] {
    Storage storage = Storage::open(config());
    storage.hashCreate("large", {{"page_size", 100}});
    const std::string document = R"({"name":")" + std::string(900, 'n') + R"(","age":41})";
    const std::vector<std::string> keys = keysByPage(items);
    for (std::size_t n = 0; n < items;) {
      std::vector<Item> some;
      for (const std::size_t end = n + 1024; n < end; ++n) some.push_back({keys[n], document});
      storage.hashPutTexts("large", some);
    }
  });
  inAnother([&] {
    Storage storage = Storage::open(config());
    limit(RLIMIT_DATA, (memoryOf("VmData") << 10) + (mebibytes << 20));
    std::size_t seen = 0, bytes = 0;
    storage.hashEachText("large", [&](const std::string&, const std::string& text) {
      ++seen;
      bytes += text.size();
    });
    EXPECT_EQ(seen, items);
    EXPECT_GT(bytes, items * 900);
  });
}

INSTANTIATE_TEST_SUITE_P(Stores, ScarceResources,
                         ::testing::Values(rawFiles(), md5Files(), binaryStore()), storeName);

}  // namespace
}  // namespace hexpage::testing
