// A backend that publishes what is applied to it.
#pragma once

#include <hexpage/forwarding_backend.hpp>
#include <memory>

#include "events.hpp"

namespace hexpage {

// Whoever applies a batch holds the writers' locks of its paths, so that the changes of each are
// published in the order in which they were made. Hidden paths are not told of.
class PublishingBackend : public ForwardingBackend {
 public:
  // `events` must outlive it.
  PublishingBackend(std::unique_ptr<Backend> backend, Events& events)
      : ForwardingBackend(std::move(backend)), events_(events) {}

  Applied apply(const Batch& batch) override;
  Applied applyThen(const Batch& batch, const std::function<void()>& visible) override;

 private:
  Events& events_;
};

}  // namespace hexpage
