// What a thread holds while code of the user's runs inside one of our calls. A write that would
// wait for its own thread is refused at once instead.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace hexpage {

struct Session;

class HeldHere {
 public:
  // This thread holds the writers' locks of these paths until it is destroyed, in this thread and
  // before those that were made earlier. The set may change meanwhile.
  HeldHere(const Session& session, const std::set<std::string>& paths) noexcept
      : session_(session), paths_(paths), outer_(innermost_) {
    innermost_ = this;
  }
  ~HeldHere() { innermost_ = outer_; }
  HeldHere(const HeldHere&) = delete;
  HeldHere& operator=(const HeldHere&) = delete;

  // Throws InvalidArgument when this thread holds the writer's lock of the path.
  static void refuse(const Session& session, std::string_view path) {
    for (const HeldHere* held = innermost_; held; held = held->outer_)
      held->refuseOwn(session, path);
  }

 private:
  void refuseOwn(const Session& session, std::string_view path) const;

  static inline constinit thread_local const HeldHere* innermost_ = nullptr;

  const Session& session_;
  const std::set<std::string>& paths_;
  const HeldHere* const outer_;
};

}  // namespace hexpage
