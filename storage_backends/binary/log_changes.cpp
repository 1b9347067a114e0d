#include "binary/log_changes.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of keys in memory, about
constexpr std::size_t kBytesBeside = 64;

}  // namespace

void LogChanges::add(kv::TreeId tree, std::string_view key) {
  std::optional<Keys>& keys = keys_.try_emplace(tree, Keys()).first->second;
  if (!keys || keys->contains(key)) return;
  bytes_ += key.size() + kBytesBeside;
  if (key.empty() || bytes_ > kMostBytes)
    keys.reset();
  else
    keys->emplace(key);
}

void LogChanges::forgetKeys() {
  areKnown_ = false;
  keys_.clear();
}

std::optional<std::vector<std::string>> LogChanges::keysOf(kv::TreeId tree) const {
  if (!areKnown_) return std::nullopt;
  const auto found = keys_.find(tree);
  if (found == keys_.end()) return std::vector<std::string>();
  const std::optional<Keys>& keys = found->second;
  if (!keys) return std::nullopt;
  return std::vector<std::string>(keys->begin(), keys->end());
}

}  // namespace hexpage
