// What happens to a store, whichever process does it: Storage::follow.
#pragma once

#include <functional>
#include <hexpage/change_event.hpp>
#include <hexpage/types.hpp>
#include <memory>

namespace hexpage {

// For one thread at a time. Must end before its Storage. Move-only.
class Follower {
 public:
  Follower(Follower&&) noexcept;
  Follower& operator=(Follower&&) noexcept;
  ~Follower();

  // handler(event) for each change since the last call, or since follow() returned, by this process
  // or another one; when there is none, waits at most `timeout` for some. False when there was
  // none. The call may return earlier than that.
  //
  // The changes of one hash come in the order in which they were made, each once; those of a
  // transaction one behind the other. The event of an item that has expired does not have what it
  // was. `Missed` comes when the store keeps what comes next no more, because this was not called
  // for too long: whoever keeps a copy of anything must read it anew, as after a repair.
  //
  // The handler runs in this call, with no lock held, and may use the Storage, which shows the
  // change or what came after it. What it throws is thrown on; the rest of its batch is not told.
  bool next(const std::function<void(const ChangeEvent& event)>& handler,
            Millis timeout = Millis(0));

 private:
  friend class Storage;
  struct State;
  explicit Follower(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hexpage
