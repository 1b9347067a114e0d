// How to take back the steps of a change that fails in the midst of it.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace hexpage {

class UndoLog {
 public:
  // To be called before the step, which must not fail: `undo` takes it back, without fail too.
  void add(std::function<void()> undo) { steps_.push_back(std::move(undo)); }

  // Takes all steps back, the last one first.
  void undo() noexcept {
    while (!steps_.empty()) {
      steps_.back()();
      steps_.pop_back();
    }
  }

  // They stand.
  void forget() noexcept { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace hexpage
