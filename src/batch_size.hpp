// How much memory the changes of a batch take, for the limit on it.
#pragma once

#include <cstddef>
#include <hexpage/batch.hpp>
#include <string_view>

namespace hexpage {

// About: the bytes of its texts, and some for the change itself.
std::size_t sizeBytes(const Change& change);
std::size_t sizeBytes(const Batch& batch);

// Throws TooLarge that names what the batch changes unless `bytes` is within the limit.
void checkBatchSize(const Batch& batch, std::size_t bytes, std::size_t limit);

// Throws TooLarge unless a Put of this alone is within the limit.
void checkItemSize(std::string_view path, std::string_view key, std::string_view text,
                   std::size_t limit);

}  // namespace hexpage
