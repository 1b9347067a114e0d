// SIGINT, SIGTERM and SIGHUP ask the program to stop at the next safe point, so that no change is
// cut in half; the same signal a second time ends it at once.
#pragma once

#include <chrono>

namespace hexpage::cli {

// Thrown at a safe point after a signal. Deliberately no std::exception: nothing takes it for a
// failure.
struct Stopped {
  int signal;
};

// From here on the signals ask. Before it they end the program, which suits commands that only
// read.
void stopAtSafePoints();

void throwIfStopped();

// Waits until the descriptor has something to read (or its end). Throws Stopped when a signal came,
// also one that came just before.
void awaitInput(int descriptor);

// Waits so long. Throws Stopped when a signal came, also one that came just before.
void restFor(std::chrono::milliseconds time);

}  // namespace hexpage::cli
