#include "binary/options_cache.hpp"

#include "binary/reading.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kMostKnown = 256;

}  // namespace

std::shared_ptr<const Json> OptionsCache::of(std::string_view header, std::string_view path) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = known_.find(header); found != known_.end()) return found->second;
  }
  auto options = std::make_shared<const Json>(reading::headerFrom(header, path).options());
  const std::scoped_lock lock(mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  known_.insert_or_assign(std::string(header), options);
  return options;
}

}  // namespace hexpage
