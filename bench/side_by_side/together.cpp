#include "together.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <new>
#include <numeric>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

#include "stores.hpp"
#include "workload.hpp"

namespace hexpage::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr Seconds kTime{1.5};
constexpr std::size_t kKeys = 10'000;  // of each writer, again and again
constexpr std::size_t kMostProcesses = 4;

struct Tally {
  std::uint64_t calls = 0;
  std::uint64_t turns = 0;
  double longestSeconds = 0;
  double seconds = 0;  // until all of it was in the files
};

struct Role {
  std::string hash;
  bool isReader = false;
};

std::string writersKey(std::size_t writer, std::uint64_t call) {
  return "writer" + std::to_string(writer) + "-" + std::to_string(call % kKeys);
}

// What the processes of one measurement share.
struct Board {
  std::atomic<std::size_t> ready{0};
  std::atomic<bool> isOpen{false};
  std::atomic<std::size_t> last{0};  // who put last
  std::array<Tally, kMostProcesses> tallies;
};

class SharedBoard {
 public:
  SharedBoard() {
    void* const memory =
        ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory to share");
    board_ = new (memory) Board;
  }
  ~SharedBoard() { ::munmap(board_, sizeof(Board)); }
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;

  Board* operator->() const { return board_; }

 private:
  Board* board_;
};

// Calls call(n) until the time is over, and then finish().
template <class Call, class Finish>
Tally repeat(Call call, Finish finish) {
  Tally tally;
  const auto start = Clock::now();
  for (auto now = start; now - start < kTime; ++tally.calls) {
    call(tally.calls);
    const auto then = std::exchange(now, Clock::now());
    tally.longestSeconds = std::max(tally.longestSeconds, Seconds(now - then).count());
  }
  finish();
  tally.seconds = Seconds(Clock::now() - start).count();
  return tally;
}

void pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

void play(Storage& storage, const Role& role, std::size_t self, const SharedBoard& board) {
  std::uint64_t turns = 0;
  const auto put = [&](std::uint64_t call) {
    storage.hashPut(role.hash, writersKey(self, call), documentOf(call));
    turns += board->last.exchange(self) != self;
  };
  const auto look = [&](std::uint64_t) {
    storage.hashFind(role.hash, writersKey(0, 0));
    pause(std::chrono::milliseconds(1));
  };
  const auto finish = [&] { storage.sync(); };
  Tally& tally = board->tallies[self];
  tally = role.isReader ? repeat(look, finish) : repeat(put, finish);
  tally.turns = turns;
}

// The end of a forked process, never of the program.
[[noreturn]] void playAndExit(const std::string& directory, const Role& role, std::size_t self,
                              const SharedBoard& board) {
  try {
    Storage storage = openStore(directory);
    ++board->ready;
    while (!board->isOpen) std::this_thread::yield();
    play(storage, role, self, board);
  } catch (const std::exception& error) {
    std::cerr << "bench_side_by_side: " << error.what() << "\n";
    ::_exit(1);
  }
  ::_exit(0);
}

void expectEnd(pid_t process) {
  int status = 0;
  const bool isWell = ::waitpid(process, &status, 0) == process && status == 0;
  if (!isWell) throw std::runtime_error("a process of the measurement has failed");
}

// Each role played by a process of its own, all at once.
std::vector<Tally> atOnce(const std::string& directory, const std::vector<Role>& roles) {
  openStore(directory).hashCreate(roles[0].hash);
  const SharedBoard board;
  std::vector<pid_t> processes;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const pid_t process = ::fork();
    if (process < 0) throw std::runtime_error("no process");
    if (process == 0) playAndExit(directory, roles[i], i, board);
    processes.push_back(process);
  }
  for (int tries = 0; board->ready < roles.size() && tries < 10'000; ++tries)
    pause(std::chrono::milliseconds(1));
  board->isOpen = true;
  for (const pid_t process : processes) expectEnd(process);
  return {board->tallies.begin(),
          board->tallies.begin() + static_cast<std::ptrdiff_t>(roles.size())};
}

void expectAll(const std::string& directory, const std::vector<Role>& roles,
               const std::vector<Tally>& tallies) {
  std::map<std::string, std::uint64_t> lengths;
  for (std::size_t i = 0; i < roles.size(); ++i)
    if (!roles[i].isReader)
      lengths[roles[i].hash] += std::min<std::uint64_t>(tallies[i].calls, kKeys);
  Storage storage = openStore(directory);
  for (const auto& [hash, length] : lengths)
    expect(storage.hashGetInfo(hash).length == length, directory + " " + hash);
}

// Of those that write.
Json summaryOf(const std::vector<Role>& roles, const std::vector<Tally>& tallies) {
  Tally all;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles[i].isReader) continue;
    all.calls += tallies[i].calls;
    all.turns += tallies[i].turns;
    all.longestSeconds = std::max(all.longestSeconds, tallies[i].longestSeconds);
    all.seconds = std::max(all.seconds, tallies[i].seconds);
  }
  return {{"calls", static_cast<double>(all.calls) / all.seconds},
          {"turns", static_cast<double>(all.turns) / all.seconds},
          {"longest", all.longestSeconds * 1000}};
}

Json measureProcesses(const std::string& directory) {
  const Role one{"one"}, reader{"one", true};
  const std::vector<std::pair<std::string, std::vector<Role>>> measurements = {
      {"one", {one}},
      {"two on one hash", {one, one}},
      {"four on one hash", {one, one, one, one}},
      {"two on a hash each", {{"a"}, {"b"}}},
      {"four on a hash each", {{"a"}, {"b"}, {"c"}, {"d"}}},
      {"one and a reader that looks every millisecond", {one, reader}},
  };
  Json results = Json::object();
  for (const auto& [name, roles] : measurements) {
    const std::string store = directory + "/processes" + std::to_string(results.size());
    const std::vector<Tally> tallies = atOnce(store, roles);
    expectAll(store, roles, tallies);
    results[name] = summaryOf(roles, tallies);
  }
  return results;
}

// Threads that put into one hash of an open store.
std::vector<Tally> threadsAtOnce(Storage& storage, std::size_t threads) {
  storage.hashCreate(kHash);
  std::vector<Tally> tallies(threads);
  std::vector<std::jthread> running;
  for (std::size_t i = 0; i < threads; ++i)
    running.emplace_back([&, i] {
      const auto put = [&](std::uint64_t call) {
        storage.hashPut(kHash, writersKey(i, call), documentOf(call));
      };
      tallies[i] = repeat(put, [] {});
    });
  running.clear();
  return tallies;
}

// Microseconds a put, of all threads together.
double measurePower(const std::string& directory, std::size_t threads) {
  Storage storage = openStore(directory, "power");
  const auto start = Clock::now();
  const std::vector<Tally> tallies = threadsAtOnce(storage, threads);
  const Seconds took = Clock::now() - start;
  std::uint64_t calls = 0;
  for (const Tally& tally : tallies) calls += tally.calls;
  return took.count() * 1e6 / static_cast<double>(calls);
}

// At "crash", by the number of threads.
Json measureThreads(const std::string& directory) {
  Json results = Json::object();
  for (const std::size_t threads : {1, 2, 8, 32}) {
    const std::string count = std::to_string(threads);
    Storage storage = openStore(directory + "/threads" + count);
    results[count] = summaryOf(std::vector<Role>(threads), threadsAtOnce(storage, threads));
  }
  return results;
}

}  // namespace

Json runTogether(const std::string& directory) {
  Json results = Json::object();
  results["processes"] = measureProcesses(directory);
  results["threads"] = measureThreads(directory);
  for (const std::size_t threads : {1, 8, 32}) {
    const std::string name = "power" + std::to_string(threads);
    results[name] = measurePower(directory + "/" + name, threads);
  }
  return results;
}

}  // namespace hexpage::bench
