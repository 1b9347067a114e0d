// The hash API over the engine beside the engine alone: the same keys and documents, one call each.
#include <algorithm>
#include <filesystem>
#include <hexpage/hexpage.hpp>
#include <hexpage/kv.hpp>

#include "bench/kv/data.hpp"
#include "bench/kv/measure.hpp"
#include "bench/kv/stages.hpp"

namespace hexpage::bench {
namespace {

constexpr std::size_t kDocumentBytes = 750;
constexpr const char* kHash = "bench";

struct Documents {
  std::vector<std::string> keys, texts;

  explicit Documents(std::uint64_t count) {
    Data data(8, kDocumentBytes);
    for (std::uint64_t i = 0; i < count; ++i) {
      keys.push_back("record of the benchmark, " + std::to_string(10'000'000 + i));  // 33 bytes
      std::string text = R"({"number":)" + std::to_string(i) + R"(,"text":")";
      const std::string_view bytes = data.value(i);
      for (const char byte : bytes.substr(0, kDocumentBytes - text.size() - 2))
        text += static_cast<char>('a' + static_cast<unsigned char>(byte) % 26);
      texts.push_back(text + "\"}");
    }
  }
};

// Thousands of calls a second.
template <class Call>
double rate(const std::vector<std::uint32_t>& order, Call call) {
  const Watch watch;
  for (const std::uint32_t i : order) call(i);
  return static_cast<double>(order.size()) / watch.seconds() / 1e3;
}

}  // namespace

Figures hashes(const Run& run) {
  if (!run.kind.hasHashes) return {};
  std::filesystem::remove_all(run.directory);
  std::filesystem::create_directories(run.directory);
  const std::uint64_t count = std::min<std::uint64_t>(run.records, 200'000);
  const Documents documents(count);
  const std::vector<std::uint32_t> order = shuffled(count, 8);
  Figures figures;
  std::uint64_t seen = 0;
  {
    kv::Database store = kv::Database::open(run.directory + "/kv");
    figures["kv_set"] =
        rate(order, [&](std::uint32_t i) { store.set(documents.keys[i], documents.texts[i]); });
    figures["kv_get"] =
        rate(order, [&](std::uint32_t i) { seen += store.get(documents.keys[i])->size(); });
  }
  Storage storage =
      Storage::open({{"backend", "binary"}, {"binary", {{"base_dir", run.directory + "/hashes"}}}});
  figures["hash_put_text"] = rate(order, [&](std::uint32_t i) {
    storage.hashPutText(kHash, documents.keys[i], documents.texts[i]);
  });
  figures["hash_get_text"] = rate(order, [&](std::uint32_t i) {
    seen += storage.hashGetText(kHash, documents.keys[i]).size();
  });
  figures["hash_get"] = rate(
      order, [&](std::uint32_t i) { seen += storage.hashGet(kHash, documents.keys[i]).size(); });
  const Json document = Json::parse(documents.texts.front());
  figures["hash_put"] =
      rate(order, [&](std::uint32_t i) { storage.hashPut(kHash, documents.keys[i], document); });
  require(seen > 0, "nothing was read");
  return figures;
}

}  // namespace hexpage::bench
