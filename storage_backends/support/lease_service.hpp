// The thread of a process that gives leases back: those that other processes want, and those that
// nobody has used for a while. It also looks for processes that died, and answers who asks.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <hexpage/types.hpp>
#include <set>

#include "support/lease_reports.hpp"
#include "support/lease_table.hpp"

namespace hexpage {

class LeaseService {
 public:
  // Runs until it is destroyed. Throws Io when the system gives no thread.
  LeaseService(Membership& members, LeaseTable& table, LeaseReports& reports, Millis idle);
  ~LeaseService();
  LeaseService(const LeaseService&) = delete;
  LeaseService& operator=(const LeaseService&) = delete;

 private:
  void run();
  void collectAsked();
  Deadline giveBackWanted();
  bool recoverOne();

  Membership& members_;
  LeaseTable& table_;
  LeaseReports& reports_;
  Millis idle_;
  std::set<std::uint32_t> wanted_;
  std::atomic<bool> isStopping_{false};
  pthread_t
      thread_{};  // no std::thread: one that is not there, in a forked child, ends the process
};

}  // namespace hexpage
