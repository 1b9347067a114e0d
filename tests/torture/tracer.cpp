#include "tracer.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <system_error>

namespace hexpage::torture {
namespace {

struct Known {
  long number;
  const char* name;
  Group group;
};

constexpr Known kCalls[] = {
    {SYS_open, "open", Group::Open},
    {SYS_creat, "creat", Group::Open},
    {SYS_openat, "openat", Group::Open},
    {SYS_openat2, "openat2", Group::Open},
    {SYS_write, "write", Group::Write},
    {SYS_pwrite64, "pwrite64", Group::Write},
    {SYS_writev, "writev", Group::Write},
    {SYS_pwritev, "pwritev", Group::Write},
    {SYS_pwritev2, "pwritev2", Group::Write},
    {SYS_truncate, "truncate", Group::Write},
    {SYS_ftruncate, "ftruncate", Group::Write},
    {SYS_fallocate, "fallocate", Group::Write},
    {SYS_copy_file_range, "copy_file_range", Group::Write},
    {SYS_sendfile, "sendfile", Group::Write},
    {SYS_fsync, "fsync", Group::Sync},
    {SYS_fdatasync, "fdatasync", Group::Sync},
    {SYS_syncfs, "syncfs", Group::Sync},
    {SYS_msync, "msync", Group::Sync},
    {SYS_sync_file_range, "sync_file_range", Group::Sync},
    {SYS_rename, "rename", Group::Name},
    {SYS_renameat, "renameat", Group::Name},
    {SYS_renameat2, "renameat2", Group::Name},
    {SYS_link, "link", Group::Name},
    {SYS_linkat, "linkat", Group::Name},
    {SYS_symlink, "symlink", Group::Name},
    {SYS_symlinkat, "symlinkat", Group::Name},
    {SYS_unlink, "unlink", Group::Name},
    {SYS_unlinkat, "unlinkat", Group::Name},
    {SYS_mkdir, "mkdir", Group::Name},
    {SYS_mkdirat, "mkdirat", Group::Name},
    {SYS_rmdir, "rmdir", Group::Name},
    {SYS_setxattr, "setxattr", Group::Attribute},
    {SYS_fsetxattr, "fsetxattr", Group::Attribute},
    {SYS_fremovexattr, "fremovexattr", Group::Attribute},
    {SYS_chmod, "chmod", Group::Attribute},
    {SYS_fchmod, "fchmod", Group::Attribute},
    {SYS_fchmodat, "fchmodat", Group::Attribute},
    {SYS_utimensat, "utimensat", Group::Attribute},
    {SYS_fcntl, "fcntl", Group::Lock},
    {SYS_flock, "flock", Group::Lock},
    {SYS_read, "read", Group::Read},
    {SYS_pread64, "pread64", Group::Read},
    {SYS_readv, "readv", Group::Read},
    {SYS_preadv, "preadv", Group::Read},
    {SYS_getxattr, "getxattr", Group::Read},
    {SYS_fgetxattr, "fgetxattr", Group::Read},
    {SYS_stat, "stat", Group::Status},
    {SYS_lstat, "lstat", Group::Status},
    {SYS_fstat, "fstat", Group::Status},
    {SYS_newfstatat, "newfstatat", Group::Status},
    {SYS_statx, "statx", Group::Status},
    {SYS_getdents64, "getdents64", Group::List},
    {SYS_mmap, "mmap", Group::Map},
};

const Known* find(long number) {
  const auto it = std::find_if(std::begin(kCalls), std::end(kCalls),
                               [&](const Known& known) { return known.number == number; });
  return it == std::end(kCalls) ? nullptr : it;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void ask(int request, pid_t thread, void* data, const char* what) {
  if (::ptrace(static_cast<__ptrace_request>(request), thread, nullptr, data) < 0 &&
      errno != ESRCH)  // killed meanwhile: waitpid tells
    fail(what);
}

std::uint64_t flagsOf(const Call& call) {
  if (call.number == SYS_creat) return O_CREAT;
  if (call.number == SYS_open) return call.arguments[1];
  if (call.number == SYS_openat) return call.arguments[2];
  open_how how{};
  const iovec here{&how, sizeof how};
  const iovec there{reinterpret_cast<void*>(call.arguments[2]), sizeof how};
  ::process_vm_readv(call.thread, &here, 1, &there, 1, 0);
  return how.flags;
}

bool isLocking(const Call& call) {
  if (call.number != SYS_fcntl) return true;
  const auto command = static_cast<int>(call.arguments[1]);
  return command == F_OFD_SETLK || command == F_OFD_SETLKW || command == F_SETLK ||
         command == F_SETLKW || command == F_SETLEASE;
}

// Where a Read or Write call has its length; none for calls of vectors or without one.
bool hasLength(long number) {
  return number == SYS_read || number == SYS_write || number == SYS_pread64 ||
         number == SYS_pwrite64;
}

class Tracer {
 public:
  Tracer(std::span<const pid_t> children, const Decide& decide, const Returned& returned)
      : children_(children.begin(), children.end()), decide_(decide), returned_(returned) {}

  std::vector<int> run() {
    for (const pid_t child : children_) begin(child);
    while (statuses_.size() < children_.size()) {
      int status = 0;
      const pid_t thread = ::waitpid(-children_[0], &status, __WALL);
      if (thread < 0 && errno != EINTR) fail("waitpid");
      if (thread < 0) continue;
      if (WIFSTOPPED(status))
        stopped(thread, status);
      else
        ended(thread, status);
    }
    std::vector<int> all;
    for (const pid_t child : children_) all.push_back(statuses_.at(child));
    return all;
  }

 private:
  // Awaits the stop in awaitTracer().
  void begin(pid_t child) {
    int status = 0;
    if (::waitpid(child, &status, __WALL) != child) fail("waitpid");
    if (!WIFSTOPPED(status)) return ended(child, status);
    ::setpgid(child, children_[0]);
    ask(PTRACE_SETOPTIONS, child,
        reinterpret_cast<void*>(PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE |
                                PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
        "PTRACE_SETOPTIONS");
    resume(PTRACE_CONT, child);
  }

  void ended(pid_t thread, int status) {
    if (std::find(children_.begin(), children_.end(), thread) != children_.end())
      statuses_[thread] = status;
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), thread), waiting_.end());
    if (observed_.thread == thread) observedEnded();
  }

  void stopped(pid_t thread, int status) {
    const int event = status >> 16;
    const int signal = WSTOPSIG(status);
    if (event == PTRACE_EVENT_SECCOMP) return atCall(thread);
    if (signal == (SIGTRAP | 0x80)) return atReturn(thread);
    const bool isOurs = event != 0 || signal == SIGSTOP || signal == SIGTRAP;
    resume(PTRACE_CONT, thread, isOurs ? 0 : signal);
  }

  void atCall(pid_t thread) {
    if (observed_.thread != 0) return waiting_.push_back(thread);
    user_regs_struct registers{};
    ask(PTRACE_GETREGS, thread, &registers, "PTRACE_GETREGS");
    Call call{.thread = thread, .number = static_cast<long>(registers.orig_rax)};
    call.arguments = {registers.rdi, registers.rsi, registers.rdx,
                      registers.r10, registers.r8,  registers.r9};
    if (const Known* known = find(call.number)) {
      call.name = known->name;
      call.group = known->group;
    }
    const Action action = decide_(call);
    switch (action.kind) {
      case Action::Proceed:
        break;
      case Action::KillBefore:
        ::kill(thread, SIGKILL);
        return;
      case Action::Observe:
        observed_ = call;
        return resume(PTRACE_SYSCALL, thread);
      case Action::KillAfter:
        killAtReturn_.insert(thread);
        return resume(PTRACE_SYSCALL, thread);
      case Action::Fail:
        registers.orig_rax = static_cast<unsigned long long>(-1);
        registers.rax = static_cast<unsigned long long>(-action.error);
        ask(PTRACE_SETREGS, thread, &registers, "PTRACE_SETREGS");
        break;
      case Action::Shorten:
        if (hasLength(call.number) && registers.rdx > 1) registers.rdx /= 2;
        ask(PTRACE_SETREGS, thread, &registers, "PTRACE_SETREGS");
        break;
    }
    resume(PTRACE_CONT, thread);
  }

  void atReturn(pid_t thread) {
    if (killAtReturn_.contains(thread)) {
      ::kill(thread, SIGKILL);
      return;
    }
    if (observed_.thread == thread) {
      user_regs_struct registers{};
      ask(PTRACE_GETREGS, thread, &registers, "PTRACE_GETREGS");
      returned_(observed_, static_cast<std::int64_t>(registers.rax));
    }
    resume(PTRACE_CONT, thread);
    if (observed_.thread == thread) observedEnded();
  }

  // Goes on with the calls that came while one was observed, up to the next that is.
  void observedEnded() {
    observed_ = {};
    while (observed_.thread == 0 && !waiting_.empty()) {
      const pid_t thread = waiting_.front();
      waiting_.pop_front();
      atCall(thread);
    }
  }

  static void resume(int request, pid_t thread, int signal = 0) {
    ask(request, thread, reinterpret_cast<void*>(static_cast<std::intptr_t>(signal)), "resume");
  }

  const std::vector<pid_t> children_;
  const Decide& decide_;
  const Returned& returned_;
  std::map<pid_t, int> statuses_;  // of children that have ended
  std::set<pid_t> killAtReturn_;
  Call observed_;              // its thread is 0 when none is
  std::deque<pid_t> waiting_;  // threads that stand at a call meanwhile
};

}  // namespace

const std::vector<Group>& changingGroups() {
  static const std::vector<Group> groups{Group::Open, Group::Write,     Group::Sync,
                                         Group::Name, Group::Attribute, Group::Lock};
  return groups;
}

const std::vector<Group>& allGroups() {
  static const std::vector<Group> groups{Group::Open,      Group::Write, Group::Sync, Group::Name,
                                         Group::Attribute, Group::Lock,  Group::Read, Group::Status,
                                         Group::List,      Group::Map};
  return groups;
}

bool Call::isChanging() const {
  switch (group) {
    case Group::Open:
      return (flagsOf(*this) & (O_CREAT | O_TRUNC)) != 0;
    case Group::Lock:
      return isLocking(*this);
    case Group::Read:
    case Group::Status:
    case Group::List:
    case Group::Map:
      return false;
    default:
      return true;
  }
}

void awaitTracer() {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) < 0) fail("PTRACE_TRACEME");
  ::raise(SIGSTOP);
}

void showCalls(std::span<const Group> groups) {
  std::vector<sock_filter> program{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const Known& known : kCalls) {
    if (std::find(groups.begin(), groups.end(), known.group) == groups.end()) continue;
    program.push_back(
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(known.number), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail("PR_SET_NO_NEW_PRIVS");
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0)
    fail("seccomp");
}

int trace(pid_t child, const Decide& decide) {
  return traceAll({&child, 1}, decide, [](const Call&, std::int64_t) {})[0];
}

bool killBeforeChange(pid_t child, std::size_t n) {
  std::size_t calls = 0;
  bool isKilled = false;
  trace(child, [&](const Call& call) -> Action {
    if (!call.isChanging() || ++calls != n) return {};
    isKilled = true;
    return {Action::KillBefore};
  });
  return isKilled;
}

std::vector<int> traceAll(std::span<const pid_t> children, const Decide& decide,
                          const Returned& returned) {
  return Tracer(children, decide, returned).run();
}

}  // namespace hexpage::torture
