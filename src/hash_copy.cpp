#include "hash_copy.hpp"

#include "support/hidden_hash.hpp"

namespace hexpage {

void copyHash(Backend& backend, const std::string& from, const std::string& to,
              const std::string& options) {
  HiddenHash copy(backend, options);
  copy.putAll(from);
  copy.moveTo(to);
}

}  // namespace hexpage
