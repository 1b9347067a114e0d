#include "support/lease_reports.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <hexpage/error.hpp>
#include <map>
#include <thread>
#include <vector>

#include "support/at_end.hpp"
#include "support/futex.hpp"
#include "support/lock_bytes.hpp"

namespace hexpage {
namespace {

constexpr Millis kPoll{2};

[[noreturn]] void throwBusy() {
  throw Error(Code::LockTimeout, "another process is asking all others for their locks");
}

}  // namespace

// A report is written only when somebody asks, and one asks at a time: nobody reads a half one.
void LeaseReports::askOthers(Millis patience,
                             const std::function<void(std::span<const LeaseReport>)>& look) {
  const std::lock_guard guard(asking_);
  const Deadline deadline = Clock::now() + patience;
  while (!members_.locks().tryLock(lockbytes::kReports, LockMode::Exclusive)) {
    if (timeLeft(deadline).count() == 0) throwBusy();
    std::this_thread::sleep_for(kPoll);
  }
  const AtEnd unlock([&] { members_.locks().unlock(lockbytes::kReports); });
  std::map<std::uint32_t, std::uint32_t> questions;  // by place
  for (std::uint32_t place = 0; place < kPlaces; ++place)
    if (members_.isLiveOther(place)) questions[place] = put(place);
  const Deadline answered = Clock::now() + patience;
  std::vector<LeaseReport> reports;
  for (const auto& [place, question] : questions)
    reports.push_back({place, members_.processOf(place), waitFor(place, question, answered)});
  look(reports);
}

// Gives the question's number.
std::uint32_t LeaseReports::put(std::uint32_t place) const {
  SharedPlace& other = members_.state().place(place);
  const std::uint32_t question = ++other.question;
  wakeAll(other.bell);
  return question;
}

std::optional<std::string> LeaseReports::waitFor(std::uint32_t place, std::uint32_t question,
                                                 Deadline deadline) const {
  SharedPlace& other = members_.state().place(place);
  for (;;) {
    const std::uint32_t answered = other.answered;
    if (answered == question) break;
    if (timeLeft(deadline).count() == 0) return std::nullopt;
    sleepOn(other.answered, answered, timeLeft(deadline));
  }
  const std::size_t size = std::min<std::size_t>(other.reportSize, other.report.size());
  return std::string(other.report.data(), size);
}

void LeaseReports::answer() {
  SharedPlace& here = members_.here();
  const std::uint32_t question = here.question;
  if (question == here.answered) return;
  std::string text;
  try {
    text = reporter_();
  } catch (const std::exception&) {  // no memory: an empty report
  }
  const std::size_t size = std::min(text.size(), here.report.size());
  std::memcpy(here.report.data(), text.data(), size);
  here.reportSize = static_cast<std::uint32_t>(size);
  here.answered = question - 1;  // wakeAll() adds one
  wakeAll(here.answered);
}

}  // namespace hexpage
