#include "bench/kv/stages.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "bench/kv/data.hpp"
#include "bench/kv/measure.hpp"

namespace hexpage::bench {
namespace {

constexpr std::size_t kKeyBytes = 33, kValueBytes = 750;
constexpr std::size_t kSmallKeyBytes = 16, kSmallValueBytes = 100;
constexpr std::uint64_t kInOneTransaction = 10;
constexpr std::size_t kMany = 100;

std::atomic<std::uint64_t> seen;

// Looks at every cache line, as who wants the value would.
void look(std::string_view value) {
  std::uint64_t sum = value.size();
  for (std::size_t at = 0; at < value.size(); at += 64)
    sum += static_cast<unsigned char>(value[at]);
  thread_local std::uint64_t all = 0;
  all += sum;
  if ((all & 0xFFFFF) == 0) seen += all;
}

Settings settingsOf(const Run& run, std::size_t valueBytes = kValueBytes) {
  Settings settings;
  settings.directory = run.directory;
  settings.records = run.records;
  settings.bytes = run.records * (kKeyBytes + valueBytes);
  return settings;
}

void empty(const Run& run) {
  std::filesystem::remove_all(run.directory);
  std::filesystem::create_directories(run.directory);
}

// In one transaction, or as few as the engine should have.
template <class Change>
void inFewTransactions(Peer& peer, std::uint64_t count, Change change) {
  const std::uint64_t most = peer.changesInOne();
  peer.begin();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (most != 0 && i != 0 && i % most == 0) {
      peer.commit();
      peer.begin();
    }
    change(i);
  }
  peer.commit();
}

void load(Peer& peer, Data& data, std::uint64_t count) {
  inFewTransactions(peer, count, [&](std::uint64_t i) { peer.put(data.key(i), data.value(i)); });
}

double secondsToReadAll(Peer& peer, std::uint64_t count, std::uint64_t seed) {
  const std::vector<std::uint32_t> order = shuffled(count, seed);
  Data data(kKeyBytes, kValueBytes);
  const Watch watch;
  for (const std::uint32_t i : order) require(peer.read(data.key(i), look), "a key is missing");
  return watch.seconds();
}

double secondsToReadMany(Peer& peer, std::uint64_t count, std::uint64_t seed) {
  const std::vector<std::uint32_t> order = shuffled(count, seed);
  Data data(kKeyBytes, kValueBytes);
  const Watch watch;
  std::vector<std::string> keys(kMany);
  std::vector<std::string_view> views(kMany);
  for (std::size_t at = 0; at + kMany <= order.size(); at += kMany) {
    for (std::size_t n = 0; n < kMany; ++n) views[n] = keys[n] = data.key(order[at + n]);
    require(peer.readMany(views, look) == kMany, "a key is missing");
  }
  return watch.seconds();
}

double secondsToIterate(Peer& peer, std::uint64_t expected) {
  const Watch watch;
  std::uint64_t count = 0;
  peer.each([&](std::string_view, std::string_view value) {
    look(value);
    ++count;
  });
  require(count == expected, "an iteration saw " + std::to_string(count) + " records");
  return watch.seconds();
}

Figures loadAndRead(const Run& run) {
  empty(run);
  Figures figures;
  Data data(kKeyBytes, kValueBytes);
  {
    const std::unique_ptr<Peer> peer = run.kind.open(settingsOf(run));
    const Watch watch;
    load(*peer, data, run.records);
    figures["load"] = watch.seconds();
    figures["load_cpu"] = watch.cpuSeconds();
    figures["load_peak"] = peakMiB();
    figures["space_written"] = diskMiB(run.directory);
    const Watch reading;
    figures["read"] = secondsToReadAll(*peer, run.records, 1);
    figures["read_cpu"] = reading.cpuSeconds();
    figures["read_anonymous"] = anonymousMiB();
    if (peer->hasMany()) figures["read_many"] = secondsToReadMany(*peer, run.records, 2);
    figures["iterate_first"] = secondsToIterate(*peer, run.records);
    figures["iterate"] = secondsToIterate(*peer, run.records);
  }
  figures["space_closed"] = diskMiB(run.directory);
  return figures;
}

double millisToOpen(const Run& run) {
  Data data(kKeyBytes, kValueBytes);
  const Watch watch;
  const std::unique_ptr<Peer> peer = run.kind.open(settingsOf(run));
  require(peer->read(data.key(run.records / 2), look), "a key is missing");
  return watch.seconds() * 1e3;
}

Figures reopen(const Run& run) {
  Figures figures;
  figures["open"] = millisToOpen(run);
  dropCache(run.directory);
  figures["open_cold"] = millisToOpen(run);
  dropCache(run.directory);
  const Watch watch;
  const std::unique_ptr<Peer> peer = run.kind.open(settingsOf(run));
  figures["read_cold"] = secondsToReadAll(*peer, run.records, 3);
  figures["read_cold_cpu"] = watch.cpuSeconds();
  return figures;
}

Figures iterateCold(const Run& run) {
  dropCache(run.directory);
  const std::unique_ptr<Peer> peer = run.kind.open(settingsOf(run));
  return {{"iterate_cold", secondsToIterate(*peer, run.records)}};
}

// Waits until the store has not changed its size for a second, at most twenty.
void waitForQuiet(const std::string& directory) {
  double before = -1;
  for (int second = 0; second < 20; ++second) {
    const double now = diskMiB(directory);
    if (now == before) return;
    before = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(1'200));
  }
}

Figures churn(const Run& run) {
  Figures figures;
  Data data(kKeyBytes, kValueBytes);
  {
    const std::unique_ptr<Peer> peer = run.kind.open(settingsOf(run));
    const Watch watch;
    const std::vector<std::uint32_t> order = shuffled(run.records, 4);
    const auto inTransactions = [&](std::uint64_t count, auto change) {
      for (std::uint64_t i = 0; i < count; i += 1'000) {
        peer->begin();
        for (std::uint64_t n = i; n < std::min(count, i + 1'000); ++n) change(order[n]);
        peer->commit();
      }
    };
    inTransactions(run.records / 2, [&](std::uint64_t i) { peer->erase(data.key(i)); });
    inTransactions(run.records, [&](std::uint64_t i) { peer->put(data.key(i), data.value(i, 1)); });
    figures["churn"] = watch.seconds();
    waitForQuiet(run.directory);
    figures["space_churned"] = diskMiB(run.directory);
    secondsToIterate(*peer, run.records);
    figures["iterate_churned"] = secondsToIterate(*peer, run.records);
    if (peer->canCompact()) {
      const Watch compacting;
      peer->compact();
      figures["compact"] = compacting.seconds();
    }
  }
  figures["space_compacted"] = diskMiB(run.directory);
  return figures;
}

double microsPerTransaction(Peer& peer, std::uint64_t transactions) {
  Data data(kKeyBytes, kValueBytes);
  const Watch watch;
  for (std::uint64_t t = 0; t < transactions; ++t) {
    peer.begin();
    for (std::uint64_t n = 0; n < kInOneTransaction; ++n) {
      const std::uint64_t i = t * kInOneTransaction + n;
      peer.put(data.key(i), data.value(i));
    }
    peer.commit();
  }
  return watch.seconds() * 1e6 / static_cast<double>(transactions);
}

Figures commits(const Run& run) {
  empty(run);
  const std::unique_ptr<Peer> peer = run.kind.open(settingsOf(run));
  const Watch watch;
  const std::uint64_t transactions = std::max<std::uint64_t>(run.records / 100, 100);
  Figures figures{{"commit", microsPerTransaction(*peer, transactions)}};
  figures["commit_cpu"] = watch.cpuSeconds() * 1e6 / static_cast<double>(transactions);
  figures["commit_peak"] = peakMiB();
  return figures;
}

std::uint64_t syncsFor(std::uint64_t records) {
  return std::max<std::uint64_t>(records / 2'000, 200);
}

Figures synced(const Run& run) {
  empty(run);
  Settings settings = settingsOf(run);
  settings.isSynced = true;
  const std::unique_ptr<Peer> peer = run.kind.open(settings);
  return {{"synced", microsPerTransaction(*peer, syncsFor(run.records))}};
}

// Half of it sets, or only reads, by zipf's law; millions a second.
double millionsPerSecond(Peer& peer, const std::vector<std::vector<std::uint32_t>>& draws,
                         bool areHalfSets) {
  std::vector<std::thread> threads;
  const Watch watch;
  for (const auto& mine : draws)
    threads.emplace_back([&] {
      Data data(kSmallKeyBytes, kSmallValueBytes);
      for (std::size_t n = 0; n < mine.size(); ++n) {
        const std::uint32_t i = mine[n];
        if (areHalfSets && n % 2 == 0)
          peer.set(data.key(i), data.value(i, n));
        else
          require(peer.read(data.key(i), look), "a key is missing");
      }
    });
  for (std::thread& thread : threads) thread.join();
  const auto count = static_cast<double>(draws.size() * draws.front().size());
  return count / watch.seconds() / 1e6;
}

Figures small(const Run& run) {
  empty(run);
  const std::uint64_t records = std::max<std::uint64_t>(run.records / 2, 1'000);
  Figures figures;
  Settings settings = settingsOf(run, kSmallValueBytes);
  settings.records = records;
  const std::unique_ptr<Peer> peer = run.kind.open(settings);
  Data data(kSmallKeyBytes, kSmallValueBytes);
  inFewTransactions(*peer, records,
                    [&](std::uint64_t i) { peer->put(data.key(i), data.value(i)); });
  const std::vector<std::vector<std::uint32_t>> one{zipf(records, records / 2, 5)};
  const std::vector<std::vector<std::uint32_t>> two{zipf(records, records / 2, 6),
                                                    zipf(records, records / 2, 7)};
  figures["small_half_1"] = millionsPerSecond(*peer, one, true);
  figures["small_read_1"] = millionsPerSecond(*peer, one, false);
  if (!run.kind.takesThreads) return figures;
  figures["small_half_2"] = millionsPerSecond(*peer, two, true);
  figures["small_read_2"] = millionsPerSecond(*peer, two, false);
  return figures;
}

// A gigabyte at most, of which no index was written down where the engine lets us say so.
Figures recover(const Run& run) {
  empty(run);
  const std::uint64_t records = std::min<std::uint64_t>(run.records, (1u << 30) / 786);
  Settings settings = settingsOf(run);
  settings.isIndexLeft = true;
  const pid_t child = ::fork();
  if (child == 0) {
    const std::unique_ptr<Peer> peer = run.kind.open(settings);
    Data data(kKeyBytes, kValueBytes);
    for (std::uint64_t i = 0; i < records; i += 1'000) {
      peer->begin();
      for (std::uint64_t n = i; n < std::min(records, i + 1'000); ++n)
        peer->put(data.key(n), data.value(n));
      peer->commit();
    }
    ::raise(SIGKILL);
  }
  int status = 0;
  require(
      ::waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
      "the process that was to be killed failed before");
  Data data(kKeyBytes, kValueBytes);
  const Watch watch;
  const std::unique_ptr<Peer> peer = run.kind.open(settings);
  require(peer->read(data.key(records - 1), look), "the last commit is missing");
  return {{"recover", watch.seconds() * 1e3}};
}

}  // namespace

const std::vector<Stage>& stages() {
  static const std::vector<Stage> all{
      {"load", loadAndRead}, {"reopen", reopen},   {"iterate", iterateCold},
      {"churn", churn},      {"commits", commits}, {"synced", synced},
      {"small", small},      {"recover", recover}, {"hashes", hashes},
  };
  return all;
}

Figures bareSyncs(const std::string& directory, std::uint64_t records) {
  const std::string file = directory + "/bare";
  const std::uint64_t count = syncsFor(records), bytes = kInOneTransaction * 786 + 16;
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  require(fd >= 0, "can not make " + file);
  const std::string zeros(1 << 20, '\0'), text(bytes, 'x');
  for (std::uint64_t at = 0; at < count * bytes; at += zeros.size())
    require(::pwrite(fd, zeros.data(), zeros.size(), static_cast<off_t>(at)) > 0, "write " + file);
  ::fdatasync(fd);
  const Watch watch;
  for (std::uint64_t i = 0; i < count; ++i) {
    require(::pwrite(fd, text.data(), bytes, static_cast<off_t>(i * bytes)) > 0, "write " + file);
    ::fdatasync(fd);
  }
  const double micros = watch.seconds() * 1e6 / static_cast<double>(count);
  ::close(fd);
  ::unlink(file.c_str());
  return {{"synced", micros}};
}

}  // namespace hexpage::bench
