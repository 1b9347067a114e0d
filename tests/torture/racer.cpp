#include "racer.hpp"

#include <stdexcept>
#include <vector>

namespace hexpage::torture {
namespace {

constexpr std::size_t kTogether = 12;  // items of a multi-put
constexpr std::size_t kAccounts = 6;   // of each of the two banks
constexpr std::int64_t kCents = 1000;  // that each begins with
const char* const kBanks[] = {"bank/a", "bank/b"};

// Half of a writer's registers lie in a hash of its own, half in one that all share.
std::string hashOf(std::size_t slot, std::size_t n) {
  return n % 2 == 0 ? "own/s" + std::to_string(slot) : "crowd";
}

std::string keyOf(std::size_t slot, std::size_t n) {
  return "s" + std::to_string(slot) + "-r" + std::to_string(n);
}

std::uint32_t versionIn(Storage& storage, std::size_t slot, std::size_t n) {
  const auto text = storage.hashFindText(hashOf(slot, n), keyOf(slot, n));
  return text ? Json::parse(*text).at("v").get<std::uint32_t>() : 0;
}

[[noreturn]] void wrong(const std::string& what) { throw std::runtime_error(what); }

std::string counterKey(std::size_t n) { return "c" + std::to_string(n); }
std::string togetherKey(std::size_t n) { return "t" + std::to_string(n); }
std::string account(std::size_t n) { return "a" + std::to_string(n); }

std::uint32_t counterIn(Storage& storage, std::size_t n) {
  const auto text = storage.hashFindText("counters", counterKey(n));
  return text ? static_cast<std::uint32_t>(std::stoul(*text)) : 0;
}

std::int64_t sumOf(Hashes& hashes) {
  std::int64_t sum = 0;
  for (const char* bank : kBanks)
    hashes.hashEach(
        bank, [&](const std::string&, const Json& cents) { sum += cents.get<std::int64_t>(); });
  return sum;
}

}  // namespace

void Racer::prepare(Storage& storage) {
  for (const char* bank : kBanks) {
    Json accounts = Json::object();
    for (std::size_t n = 0; n < kAccounts; ++n) accounts[account(n)] = kCents;
    storage.hashPutMulti(bank, accounts);
  }
}

void Racer::takeOver(Storage& storage) {
  for (std::size_t n = 0; n < Ledger::kRegisters; ++n) {
    Register& cell = ledger_.registers[slot_][n];
    const std::uint32_t found = versionIn(storage, slot_, n);
    std::uint32_t now = cell.acknowledged;
    const auto isNow = [&] { return found == (Register::isAbsent(now) ? 0 : now); };
    if (!isNow()) now = cell.begun;
    if (!isNow())
      wrong(keyOf(slot_, n) + " has version " + std::to_string(found) + "; acknowledged: " +
            std::to_string(cell.acknowledged) + ", begun: " + std::to_string(cell.begun));
    cell.acknowledged = now;
    cell.begun = now;
  }
}

void Racer::step(Storage& storage) {
  switch (random_.below(12)) {
    case 0:
      return increment(storage, random_.below(Ledger::kCounters));
    case 1:
      return readCounter(storage, random_.below(Ledger::kCounters));
    case 2:
      return putTogether(storage);
    case 3:
      return readTogether(storage);
    case 4:
      return transfer(storage);
    case 5:
      return sumUp(storage);
    case 6:
    case 7:
    case 8:
      return readRegister(storage, random_.below(Ledger::kSlots),
                          random_.below(Ledger::kRegisters));
    default:
      return writeRegister(storage, random_.below(Ledger::kRegisters));
  }
}

void Racer::writeRegister(Storage& storage, std::size_t n) {
  Register& cell = ledger_.registers[slot_][n];
  const std::uint32_t version = cell.acknowledged + 1;
  const Json value{{"v", version}, {"pad", std::string(random_.below(100), 'x')}};
  const std::string key = keyOf(slot_, n);
  cell.begun = version;
  if (Register::isAbsent(version))
    storage.hashDeleteMulti(hashOf(slot_, n), {key});
  else
    storage.hashPut(hashOf(slot_, n), key, value);
  cell.acknowledged = version;
}

void Racer::readRegister(Storage& storage, std::size_t slot, std::size_t n) {
  const Register& cell = ledger_.registers[slot][n];
  const std::uint32_t floor = cell.acknowledged;
  const std::uint32_t found = versionIn(storage, slot, n);
  if (!cell.mayBe(found, floor))
    wrong("read of " + keyOf(slot, n) + " gives version " + std::to_string(found) + " after " +
          std::to_string(floor) + " was acknowledged; begun: " + std::to_string(cell.begun));
}

void Racer::increment(Storage& storage, std::size_t n) {
  Counter& counter = ledger_.counters[n];
  ++counter.begun;
  const auto result = storage.hashIncrement("counters", counterKey(n)).get<std::uint32_t>();
  ++counter.acknowledged;
  counter.raiseFloor(result);
  if (result >= Counter::kMost || counter.isTaken[result].exchange(true))
    wrong("two increments of " + counterKey(n) + " gave " + std::to_string(result));
}

void Racer::readCounter(Storage& storage, std::size_t n) {
  const Counter& counter = ledger_.counters[n];
  const std::uint32_t floor = counter.floor;
  const std::uint32_t found = counterIn(storage, n);
  if (found < floor || found > counter.begun)
    wrong("read of " + counterKey(n) + " gives " + std::to_string(found) + " after " +
          std::to_string(floor) + " was acknowledged; begun: " + std::to_string(counter.begun));
}

void Racer::putTogether(Storage& storage) {
  const std::uint32_t batch = ++ledger_.lastBatch;
  Json items = Json::object();
  for (std::size_t n = 0; n < kTogether; ++n) items[togetherKey(n)] = batch;
  storage.hashPutMulti("together", items);
}

void Racer::readTogether(Storage& storage) {
  std::vector<std::string> keys;
  for (std::size_t n = 0; n < kTogether; ++n) keys.push_back(togetherKey(n));
  const auto found = storage.hashGetMulti("together", keys);
  for (std::size_t n = 1; n < kTogether; ++n)
    if (found[n] != found[0])
      wrong("a torn multi-put: " + keys[0] + " is " + found[0].value_or(Json()).dump() + ", " +
            keys[n] + " is " + found[n].value_or(Json()).dump());
}

void Racer::transfer(Storage& storage) {
  const std::string from = account(random_.below(kAccounts));
  const std::string to = account(random_.below(kAccounts));
  const auto cents = static_cast<std::int64_t>(random_.below(20));
  storage.transaction({kBanks[0], kBanks[1]}, [&](Transaction& both) {
    both.hashDecrement(kBanks[0], from, cents);
    both.hashIncrement(kBanks[1], to, cents);
  });
}

void Racer::sumUp(Storage& storage) {
  const std::int64_t sum =
      storage.transaction({kBanks[0], kBanks[1]}, [](Transaction& both) { return sumOf(both); });
  if (sum != kCents * std::int64_t{2 * kAccounts})
    wrong("the banks hold " + std::to_string(sum) + " cents in all");
}

void Racer::judgeAll(Storage& storage, Ledger& ledger) {
  for (std::size_t slot = 0; slot < Ledger::kSlots; ++slot)
    Racer(ledger, slot, 0).takeOver(storage);
  for (std::size_t n = 0; n < Ledger::kCounters; ++n) {
    const Counter& counter = ledger.counters[n];
    const std::uint32_t found = counterIn(storage, n);
    if (found < counter.acknowledged || found > counter.begun)
      wrong(counterKey(n) + " is " + std::to_string(found) + " after " +
            std::to_string(counter.acknowledged) +
            " increments; begun: " + std::to_string(counter.begun));
  }
  Racer last(ledger, 0, 0);
  last.readTogether(storage);
  last.sumUp(storage);
}

}  // namespace hexpage::torture
