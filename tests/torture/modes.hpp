// The kinds of torture. Each prints what it did and gives the exit code: 0 when nothing failed.
#pragma once

#include "options.hpp"

namespace hexpage::torture {

// SIGKILL before and after every changing system call of a workload, and of the recovery.
int runKill(const Options& options);

// Each system call of a workload fails, in every way that it can.
int runFault(const Options& options);

// Files of a closed store are damaged at random.
int runCorrupt(const Options& options);

// Several processes work on one store while they are killed and started again.
int runRace(const Options& options);

// Power failures: states of the directory that lack what was not synced.
int runPower(const Options& options);

// Real ones, of an ext4 on a loop device that is shut down under its writers. Needs root.
int runExt4Cut(const Options& options);

// A disk that becomes full, of bytes or of files.
int runFull(const Options& options);

}  // namespace hexpage::torture
