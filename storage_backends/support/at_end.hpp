// Work for the end of a scope.
#pragma once

#include <utility>

namespace hexpage {

// Calls the work when the scope ends, also by a throw.
template <class Work>
class AtEnd {
 public:
  explicit AtEnd(Work work) : work_(std::move(work)) {}
  ~AtEnd() { work_(); }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;

 private:
  Work work_;
};

}  // namespace hexpage
