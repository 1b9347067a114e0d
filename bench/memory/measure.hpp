// The same work on any store that has put, get, increment, count, each and clear.
#pragma once

#include <malloc.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <hexpage/match.hpp>
#include <string>
#include <thread>
#include <vector>

#include "figures.hpp"

namespace hexpage::bench {

inline constexpr const char* kText = "\"hello world\"";
inline constexpr const char* kOtherText = "\"hello wurld\"";

inline double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

// Runs work(thread) in each thread at once; nanoseconds for each of the operations of all.
inline double nanoseconds(int threads, int operations, const std::function<void(int)>& work) {
  std::atomic<int> ready = 0;
  std::atomic<bool> go = false;
  std::vector<std::thread> others;
  for (int t = 0; t < threads; ++t)
    others.emplace_back([&, t] {
      ++ready;
      while (!go) std::this_thread::yield();
      work(t);
    });
  while (ready < threads) std::this_thread::yield();
  return milliseconds([&] {
           go = true;
           for (std::thread& other : others) other.join();
         }) *
         1e6 / (static_cast<double>(operations) * threads);
}

// The keys of one thread: no two have the same.
inline std::vector<std::string> keysOf(int thread) {
  const std::string word = thread == 0 ? "key" : "key_";
  std::vector<std::string> keys;
  for (int i = 0; i < kItems; ++i) keys.push_back(word + std::to_string(i));
  return keys;
}

inline double bytesInUse() { return static_cast<double>(::mallinfo2().uordblks); }

template <class Store>
void measureHot(Store& store, int threads, Figures& figures) {
  const auto repeat = [&](const std::function<void(const std::string&)>& operation) {
    return nanoseconds(threads, kHotOperations, [&](int thread) {
      const std::string key = "hot" + std::to_string(thread);
      for (int i = 0; i < kHotOperations; ++i) operation(key);
    });
  };
  figures["put"] = repeat([&](const std::string& key) { store.put(key, kText); });
  figures["get"] = repeat([&](const std::string& key) { store.get(key); });
  figures["increment"] = repeat([&](const std::string& key) { store.increment(key + "n"); });
}

template <class Store>
void measureMany(Store& store, int threads, Figures& figures) {
  std::vector<std::vector<std::string>> keys;
  for (int t = 0; t < threads; ++t) keys.push_back(keysOf(t));
  const auto each = [&](const std::function<void(const std::string&)>& operation) {
    return nanoseconds(threads, kItems, [&](int thread) {
      for (const std::string& key : keys[static_cast<std::size_t>(thread)]) operation(key);
    });
  };
  store.clear();
  const double before = bytesInUse();
  figures["insert"] = each([&](const std::string& key) { store.put(key, kText); });
  figures["bytes"] = (bytesInUse() - before) / (kItems * threads);
  figures["put_many"] = each([&](const std::string& key) { store.put(key, kOtherText); });
  figures["get_many"] = each([&](const std::string& key) { store.get(key); });
}

// Of the items that measureMany has left.
template <class Store>
void measureWhole(Store& store, Figures& figures) {
  Match regex{.by = MatchBy::Regex, .pattern = "^key9.*9$", .ignoreCase = true, .byLine = true};
  figures["count_regex"] = milliseconds([&] { store.count(regex); });
  figures["count_prefix"] =
      milliseconds([&] { store.count({.by = MatchBy::Prefix, .pattern = "key9"}); });
  std::size_t items = 0;
  figures["iterate"] = milliseconds([&] { store.each([&](auto&, auto&) { ++items; }); });
  std::string dump;
  figures["dump"] = milliseconds([&] {
    store.each([&](const std::string& key, const std::string& text) {
      dump += "{\"key\":\"" + key + "\",\"value\":" + text + "}\n";
    });
  });
}

template <class Store>
Figures measured(Store&& store, int threads) {
  Figures figures;
  measureHot(store, threads, figures);
  measureMany(store, threads, figures);
  if (threads == 1) measureWhole(store, figures);
  return figures;
}

}  // namespace hexpage::bench
