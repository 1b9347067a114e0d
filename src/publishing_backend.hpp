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

  std::optional<Value> getOne(std::string_view path, std::string_view key) override {
    return inner().getOne(path, key);
  }
  std::string each(std::string_view path, std::string_view cursor, const SeeItem& see) override {
    return inner().each(path, cursor, see);
  }
  Applied apply(const Batch& batch) override;
  Applied applyThen(const Batch& batch, const std::function<void()>& visible) override;
  bool edit(std::string_view path, std::string_view key, const EditItem& decide,
            const FunctionRef<void()>& visible) override;
  bool editAtOnce(std::string_view path, std::string_view key, const EditText& decide) override {
    return !events_.isAnybodyThere() && inner().editAtOnce(path, key, decide);
  }

 private:
  Events& events_;
};

}  // namespace hexpage
