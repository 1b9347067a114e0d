// Stops a child at its system calls, to kill it there or to let a call fail. It is ptrace with a
// seccomp filter, so that only calls of the watched groups stop (some 10 us each). x86-64 only.
//
//   pid_t child = startChild(progress, limit, [] { awaitTracer(); prepare(); showCalls({...});
//   work(); }); int status = trace(child, [](const Call& call) { return Action{...}; });
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hexpage::torture {

enum class Group { Open, Write, Sync, Name, Attribute, Lock, Read, Status, List, Map };

// The groups that change what a store's directory holds, or who may change it.
const std::vector<Group>& changingGroups();
const std::vector<Group>& allGroups();

struct Call {
  pid_t thread = 0;
  long number = 0;
  const char* name = "";
  Group group = Group::Open;
  std::array<std::uint64_t, 6> arguments{};

  // Whether it changes files, names, attributes or locks: an open does when it may make a file.
  bool isChanging() const;
};

struct Action {
  enum Kind {
    Proceed,
    KillBefore,  // SIGKILL to the process; the call is not made
    KillAfter,   // the same, once the call has been made
    Fail,        // the call is not made and gives `error`
    Shorten,     // of Read and Write with a length: at most half of it
    Observe,     // `returned` is told what it gave; no other observed call is made meanwhile
  };
  Kind kind = Proceed;
  int error = 0;
};

using Decide = std::function<Action(const Call&)>;
// What an observed call gave: a negative errno when it failed. The caller stands still until then.
using Returned = std::function<void(const Call&, std::int64_t result)>;

// In the child: waits until the parent has called trace().
void awaitTracer();

// In the child: from here on the calls of these groups, of every thread, are shown to the tracer.
void showCalls(std::span<const Group> groups);

// Asks `decide` before each call of the child, until the child has ended; gives its status as
// waitpid does. Signals reach the child as if nobody traced it.
int trace(pid_t child, const Decide& decide);

// Kills the child before its nth changing call; false when it ended before it came to that.
bool killBeforeChange(pid_t child, std::size_t n);

// The same as trace() of several children at once, which become one process group; gives their
// statuses.
std::vector<int> traceAll(std::span<const pid_t> children, const Decide& decide,
                          const Returned& returned);

}  // namespace hexpage::torture
