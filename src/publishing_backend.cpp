#include "publishing_backend.hpp"

#include "batch_events.hpp"

namespace hexpage {

Applied PublishingBackend::apply(const Batch& batch) {
  return applyThen(batch, [] {});
}

Applied PublishingBackend::applyThen(const Batch& batch, const std::function<void()>& visible) {
  if (!events_.isAnybodyThere()) return inner().applyThen(batch, visible);
  BatchEvents batchEvents(inner(),
                          [this](std::string_view path) { return events_.isWanted(path); });
  Events::Ready happened = Events::ready(batchEvents.of(batch));
  return inner().applyThen(batch, [&] {
    events_.publish(std::move(happened));
    visible();
  });
}

bool PublishingBackend::edit(std::string_view path, std::string_view key, const EditItem& decide,
                             const FunctionRef<void()>& visible) {
  if (events_.isAnybodyThere()) return Backend::edit(path, key, decide, visible);
  return inner().edit(path, key, decide, visible);
}

}  // namespace hexpage
