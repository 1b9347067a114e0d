#include "session.hpp"

#include <hexpage/error.hpp>

#include "batch_size.hpp"
#include "database_saver.hpp"
#include "events.hpp"
#include "held_here.hpp"
#include "open_transaction.hpp"
#include "paths.hpp"
#include "support/utf8.hpp"
#include "sweeper.hpp"

namespace hexpage {

Session::Session() = default;
Session::~Session() = default;

std::vector<Hold> Session::lockForWriting(std::initializer_list<std::string_view> paths,
                                          Millis timeout) {
  if (transaction) return {};
  for (const std::string_view path : paths) HeldHere::refuse(*this, path);
  return backend->locks().acquireAll({paths.begin(), paths.size()}, LockMode::Exclusive, timeout);
}

Applied Session::apply(const Batch& batch) {
  checkBatchSize(batch, sizeBytes(batch), maxBatchBytes);
  return backend->apply(batch);
}

Applied Session::apply(const Batch& batch, std::vector<Hold>& held) {
  checkBatchSize(batch, sizeBytes(batch), maxBatchBytes);
  return backend->applyThen(batch, [&] { held.clear(); });
}

std::string Session::path(std::string_view named) {
  std::string path = checkedPath(named, lowerCasePaths);
  if (transaction) transaction->enter(path);
  return path;
}

std::string Session::prefix(std::string_view named) const {
  return normalisedPrefix(named, lowerCasePaths);
}

void checkKey(std::string_view key) {
  if (key.empty()) throw Error(Code::InvalidArgument, "a key must not be empty");
  if (key.size() > kMaxKeyBytes)
    throw Error(Code::InvalidArgument, "key of " + std::to_string(key.size()) + " bytes; at most " +
                                           std::to_string(kMaxKeyBytes));
  if (!isUtf8(key)) throw Error(Code::InvalidArgument, "a key must be UTF-8");
}

}  // namespace hexpage
