// The options of hashes, each text of a header parsed once for all hashes that have the same.
#pragma once

#include <hexpage/types.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace hexpage {

// Thread-safe.
class OptionsCache {
 public:
  // Of the header in the catalogue at the path. Throws Corrupt when it is none.
  std::shared_ptr<const Json> of(std::string_view header, std::string_view path);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Json>, std::less<>> known_;
};

}  // namespace hexpage
