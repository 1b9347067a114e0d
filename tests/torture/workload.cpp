#include "workload.hpp"

#include <array>

#include "tests/support/random.hpp"

namespace hexpage::torture {
namespace {

using hexpage::testing::Random;

constexpr std::size_t kKeys = 24;  // of each hash: several pages of three to five

bool beginsWith(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

class Generator {
 public:
  Generator(std::uint64_t seed, std::size_t worker, Mix mix)
      : random_(seed * 1000 + worker), worker_("w" + std::to_string(worker)), mix_(mix) {}

  Workload make(std::size_t count) {
    Workload workload{worker_, preparation(), 0};
    workload.prepared = workload.operations.size();
    while (count-- > 0) workload.operations.push_back(next());
    return workload;
  }

 private:
  // Half of all keys, so that the workload finds pages to split and to gather; all of them where
  // only what is there may be changed.
  std::vector<Operation> preparation() {
    std::vector<Operation> operations{{.kind = Kind::Create, .path = kSharedHash}};
    const std::size_t keys = mix_ == Mix::OneFile ? kKeys : kKeys / 2;
    for (const char* name : {"/a", "/b"}) operations.push_back(putAll(worker_ + name, keys));
    operations.push_back(putAll(kSharedHash, keys));
    operations.push_back(putRecord());
    return operations;
  }

  Operation next() {
    if (mix_ == Mix::OneFile) return random_.oneIn(3) ? update() : put();
    return random_.oneIn(6) ? transaction() : single();
  }

  Operation transaction() {
    Operation operation{.kind = Kind::Transaction};
    operation.parts.push_back(putMany());
    for (std::size_t n = 1 + random_.below(3); n > 0; --n) operation.parts.push_back(single());
    operation.parts.push_back({.kind = Kind::Put,
                               .path = random_.oneIn(2) ? kSharedHash : ownHash(),
                               .items = {{someKey(), text()}}});
    return operation;
  }

  Operation single() {
    switch (random_.below(36)) {
      case 0:
      case 1:
      case 2:
        return putMany();
      case 3:
      case 4:
        return update();
      case 5:
      case 6:
      case 7:
      case 8:
        return remove();
      case 9:
      case 10:
        return removeMany();
      case 11:
        return {.kind = Kind::Create, .path = ownHash()};
      case 12:
        return {.kind = Kind::Clear, .path = ownHash()};
      case 13:
        return {.kind = Kind::Drop, .path = ownHash()};
      case 14:
      case 15:
        return {.kind = Kind::Rename, .path = ownHash(), .to = ownHash()};
      case 16:
        return {.kind = Kind::Copy, .path = ownHash(), .to = ownHash()};
      case 17:
        return {.kind = Kind::SetPageSize, .path = ownHash(), .pageSize = 3 + random_.below(3)};
      case 18:
      case 19:
        return putRecord();
      case 20:
        return {.kind = Kind::EraseRecord, .path = record()};
      case 21:
        return {.kind = Kind::MoveRecord, .path = record(), .to = record()};
      case 22:
      case 23:
        return putFor();
      case 24:
      case 25:
        return increment();
      case 26:
      case 27:
        return {.kind = Kind::Expire, .path = anyHash(), .items = {{someKey(), ""}}};
      default:
        return put();
    }
  }

  std::string ownHash() {
    static constexpr std::array kNames{"/a", "/b", "/c", "/d/e"};
    return worker_ + kNames[random_.below(mix_ == Mix::OneFile ? 2 : kNames.size())];
  }
  std::string anyHash() { return random_.oneIn(3) ? kSharedHash : ownHash(); }
  std::string record() { return worker_ + "/r" + std::to_string(random_.below(3)); }
  std::string key(std::size_t n) const { return worker_ + "-k" + std::to_string(n); }
  std::string someKey() { return key(random_.below(kKeys)); }

  // No two are the same.
  std::string text() {
    return Json{{"by", worker_}, {"n", ++last_}, {"pad", std::string(random_.below(200), 'x')}}
        .dump();
  }

  Operation put() { return {.kind = Kind::Put, .path = anyHash(), .items = {{someKey(), text()}}}; }

  Operation putFor() {
    Json document = Json::parse(text());
    document[kLives] = true;
    return {.kind = Kind::PutFor, .path = anyHash(), .items = {{someKey(), document.dump()}}};
  }

  Operation increment() {
    const std::string counter = worker_ + "-n" + std::to_string(random_.below(3));
    return {.kind = Kind::Increment,
            .path = anyHash(),
            .items = {{counter, std::to_string(1 + random_.below(9))}}};
  }

  Operation putAll(const std::string& path, std::size_t keys) {
    Operation operation{.kind = Kind::PutMany, .path = path};
    for (std::size_t n = 0; n < keys; ++n) operation.items.emplace_back(key(n), text());
    return operation;
  }

  Operation putMany() {
    Operation operation{.kind = Kind::PutMany, .path = anyHash()};
    for (std::size_t n = 0; n < kKeys; ++n)
      if (random_.oneIn(3)) operation.items.emplace_back(key(n), text());
    return operation;
  }

  Operation update() {
    const std::string changes = Json{{"n", ++last_}, {"updated", true}}.dump();
    return {.kind = Kind::Update, .path = anyHash(), .items = {{someKey(), changes}}};
  }

  Operation remove() {
    return {.kind = Kind::Remove, .path = anyHash(), .items = {{someKey(), ""}}};
  }

  Operation removeMany() {
    Operation operation{.kind = Kind::RemoveMany, .path = anyHash()};
    for (std::size_t n = 0; n < kKeys; ++n)
      if (random_.oneIn(3)) operation.items.emplace_back(key(n), "");
    return operation;
  }

  Operation putRecord() {
    return {.kind = Kind::PutRecord, .path = record(), .items = {{"", text()}}};
  }

  Random random_;
  std::string worker_;
  Mix mix_;
  std::uint64_t last_ = 0;
};

}  // namespace

Contents Workload::after(std::size_t n) const {
  Contents model;
  for (std::size_t i = 0; i < n; ++i) perform(operations[i], model);
  return model;
}

Contents Workload::partOf(const Contents& all) const {
  Contents part;
  for (const auto& [path, documents] : all.hashes)
    if (beginsWith(path, worker + "/")) part.hashes[path] = documents;
  for (const auto& [path, text] : all.records)
    if (beginsWith(path, worker + "/")) part.records[path] = text;
  if (const auto shared = all.hashes.find(kSharedHash); shared != all.hashes.end()) {
    Documents& own = part.hashes[kSharedHash];
    for (const auto& [key, text] : shared->second)
      if (beginsWith(key, worker + "-")) own[key] = text;
  }
  return part;
}

Workload makeWorkload(std::uint64_t seed, std::size_t worker, std::size_t operations, Mix mix) {
  return Generator(seed, worker, mix).make(operations);
}

}  // namespace hexpage::torture
