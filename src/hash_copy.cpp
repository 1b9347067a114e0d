#include "hash_copy.hpp"

#include "hidden_hash.hpp"

namespace hexpage {

void copyHash(Backend& backend, const std::string& from, const std::string& to,
              const std::string& options) {
  HiddenHash copy(backend, options);
  Chunk chunk;
  do {
    chunk = backend.scan(from, chunk.next);
    for (Item& item : chunk.items) copy.put(std::move(item));
  } while (!chunk.next.empty());
  copy.moveTo(to);
}

}  // namespace hexpage
