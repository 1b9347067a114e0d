#include "held_here.hpp"

#include <hexpage/error.hpp>
#include <vector>

namespace hexpage {
namespace {

struct Held {
  const Session* session;
  const std::set<std::string>* paths;
};

thread_local std::vector<Held> held;

}  // namespace

HeldHere::HeldHere(const Session& session, const std::set<std::string>& paths) {
  held.push_back({&session, &paths});
}

HeldHere::~HeldHere() { held.pop_back(); }

void HeldHere::refuse(const Session& session, std::string_view path) {
  for (const Held& one : held)
    if (one.session == &session && one.paths->contains(std::string(path)))
      throw Error(Code::InvalidArgument,
                  std::string(path) +
                      " is locked by the transaction or hashEdit that this call is made in, and "
                      "would wait for itself; use what that one offers");
}

}  // namespace hexpage
