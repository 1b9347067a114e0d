// Child processes made by fork(): each does one piece of work and says what it found wrong. What
// forks has no threads, so that the child may do anything.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "progress.hpp"

namespace hexpage::torture {

// More than any child takes, on a loaded machine too.
inline constexpr std::chrono::seconds kChildLimit{60};

// Runs `work` in a child, in a process group of its own, that the system kills after `limit`. What
// `work` throws ends up in `progress.failure`. The child leaves without destructors of what it
// inherited.
pid_t startChild(Progress& progress, std::chrono::seconds limit, const std::function<void()>& work);

// How a child came to its end, as waitpid tells it; nullopt when it ended well, of itself.
std::optional<std::string> waitFor(pid_t child, const Progress& progress);

// The same from a status that another has waited for.
std::optional<std::string> failureOf(int status, const Progress& progress);

// startChild and waitFor.
std::optional<std::string> runInChild(std::chrono::seconds limit,
                                      const std::function<void()>& work);

}  // namespace hexpage::torture
