// Reports that processes give of themselves, on demand: so that a lock which nobody asks about
// costs nothing. The service thread of each process answers.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "support/leases.hpp"
#include "support/membership.hpp"

namespace hexpage {

class LeaseReports {
 public:
  explicit LeaseReports(Membership& members) : members_(members) {}

  // See Leases.
  void reportWith(LeaseReporter reporter) { reporter_ = std::move(reporter); }
  void askOthers(Millis patience, const std::function<void(std::span<const LeaseReport>)>& look);

  // Called by the service thread whenever it was rung.
  void answer();

 private:
  std::uint32_t put(std::uint32_t place) const;
  std::optional<std::string> waitFor(std::uint32_t place, std::uint32_t question,
                                     Deadline deadline) const;

  Membership& members_;
  LeaseReporter reporter_ = [] { return std::string(); };
  std::mutex asking_;
};

}  // namespace hexpage
