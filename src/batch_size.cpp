#include "batch_size.hpp"

#include <hexpage/error.hpp>
#include <string>

namespace hexpage {
namespace {

constexpr std::size_t kChangeBytes = 64;

std::size_t textBytes(const Create& c) { return c.path.size() + c.options.size(); }
std::size_t textBytes(const Put& c) { return c.path.size() + c.key.size() + c.text.size(); }
std::size_t textBytes(const Remove& c) { return c.path.size() + c.key.size(); }
std::size_t textBytes(const Clear& c) { return c.path.size(); }
std::size_t textBytes(const Drop& c) { return c.path.size(); }
std::size_t textBytes(const Rename& c) { return c.from.size() + c.to.size(); }
std::size_t textBytes(const PutRecord& c) { return c.path.size() + c.text.size(); }
std::size_t textBytes(const EraseRecord& c) { return c.path.size(); }

[[noreturn]] void throwTooLarge(std::string_view path, std::size_t bytes, std::size_t limit) {
  throw TooLarge(std::string(path) + ": what is to happen together takes " + std::to_string(bytes) +
                 " bytes; at most " + std::to_string(limit) + " (max_batch_bytes)");
}

}  // namespace

std::size_t sizeBytes(const Change& change) {
  return kChangeBytes + std::visit([](const auto& c) { return textBytes(c); }, change);
}

std::size_t sizeBytes(const Batch& batch) {
  std::size_t bytes = 0;
  for (const Change& change : batch.changes) bytes += sizeBytes(change);
  return bytes;
}

void checkBatchSize(const Batch& batch, std::size_t bytes, std::size_t limit) {
  if (bytes > limit && !batch.changes.empty())
    throwTooLarge(pathOf(batch.changes.back()), bytes, limit);
}

void checkItemSize(std::string_view path, std::string_view key, std::string_view text,
                   std::size_t limit) {
  const std::size_t bytes = kChangeBytes + path.size() + key.size() + text.size();
  if (bytes > limit) throwTooLarge(path, bytes, limit);
}

}  // namespace hexpage
