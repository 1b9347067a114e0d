#include <hexpage/follower.hpp>
#include <hexpage/storage.hpp>
#include <utility>

#include "session.hpp"
#include "told_changes.hpp"

namespace hexpage {

struct Follower::State {
  std::unique_ptr<ChangeFeed> feed;
  std::string prefix;
};

Follower::Follower(std::unique_ptr<State> state) : state_(std::move(state)) {}
Follower::Follower(Follower&&) noexcept = default;
Follower& Follower::operator=(Follower&&) noexcept = default;
Follower::~Follower() = default;

bool Follower::next(const std::function<void(const ChangeEvent& event)>& handler, Millis timeout) {
  bool isAnyTold = false;
  const auto tell = [&](const ChangeEvent& event) {
    isAnyTold = true;
    handler(event);
  };
  const auto wants = [this](std::string_view path) { return path.starts_with(state_->prefix); };
  const ChangeFeed::Take take{
      .batch =
          [&](const Batch& batch) {
            for (const ChangeEvent& event : eventsOf(batch, wants)) tell(event);
          },
      .missed = [&] { tell({.kind = ChangeKind::Missed, .path = {}}); },
  };
  state_->feed->next(take, timeout);
  return isAnyTold;
}

std::optional<Follower> Storage::follow(std::string_view prefix) {
  auto feed = session().backend->follow();
  if (!feed) return std::nullopt;
  return Follower(std::make_unique<Follower::State>(
      Follower::State{std::move(feed), session().prefix(prefix)}));
}

}  // namespace hexpage
