#include "single_item.hpp"

#include <functional>

#include "batch_size.hpp"
#include "events.hpp"
#include "held_here.hpp"
#include "open_transaction.hpp"
#include "paths.hpp"
#include "session.hpp"

namespace hexpage {

Hold lockItem(Session& session, std::string_view path, std::string_view key) {
  if (session.transaction) return {};
  HeldHere::refuse(session, path);
  Locks& locks = session.backend->locks();
  // Who is told of changes is told of those of a hash in their order.
  if (session.events->isAnybodyThere())
    return locks.acquire(LockSpace::Writer, path, LockMode::Exclusive, session.lockTimeout);
  return locks.acquireItem(path, key, session.lockTimeout);
}

bool editLocked(Session& session, std::string_view path, std::string_view key,
                const EditItem& decide, Hold& held) {
  const auto decideOnSize = [&](const ItemBefore& before, const Json& options) {
    const ItemAfter after = decide(before, options);
    checkItemSize(path, key, after.text, session.maxBatchBytes);
    return after;
  };
  return session.backend->edit(path, key, decideOnSize, [&] { held.free(); });
}

bool editAtOnce(Session& session, std::string_view named, std::string_view key,
                const EditText& decide) {
  return !session.transaction && isPlainPath(named) &&
         session.backend->editAtOnce(named, key, decide);
}

Applied apply(Session& session, const Batch& batch, Hold& held) {
  checkBatchSize(batch, sizeBytes(batch), session.maxBatchBytes);
  return session.backend->applyThen(batch, [&] { held.free(); });
}

}  // namespace hexpage
