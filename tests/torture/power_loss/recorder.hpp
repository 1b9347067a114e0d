// Records what traced children do to a directory.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "log.hpp"
#include "tests/torture/progress.hpp"

namespace hexpage::torture {

struct Recorded {
  Log log;
  std::vector<int> statuses;  // of the children, as waitpid tells
};

// A child to be killed before one of its changing calls, and others with it.
struct KillAt {
  pid_t child;
  std::size_t call;
  std::vector<pid_t> others = {};
};

// Follows the children, which call awaitTracer() and then showRecorded(), until all have ended.
// Nobody else may change the directory meanwhile. `progress` is that of each child, for the marks.
// What mappings write to a journal is seen at the next call, to other files not. Throws
// std::runtime_error for a call that it can not follow.
Recorded record(const std::string& directory, std::span<const pid_t> children,
                std::span<Progress* const> progress,
                const std::optional<KillAt>& kill = std::nullopt);

// In the child: from here on its changes are recorded.
void showRecorded();
// In the child, before its threads begin: a binary store, for which nothing can be reserved, writes
// nothing of its log through mappings.
void writeByCallsAlone();

}  // namespace hexpage::torture
