// The changes of a batch that was applied, by whomever, told as events.
#pragma once

#include <functional>
#include <hexpage/batch.hpp>
#include <hexpage/change_event.hpp>
#include <string_view>
#include <vector>

namespace hexpage {

// Each change has changed something. Hidden paths are not told of: what comes from one is a hash
// that was built there, and what goes to one is gone.
std::vector<ChangeEvent> eventsOf(const Batch& batch,
                                  const std::function<bool(std::string_view path)>& wants);

}  // namespace hexpage
