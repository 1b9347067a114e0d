#include "held_here.hpp"

#include <hexpage/error.hpp>

namespace hexpage {

void HeldHere::refuseOwn(const Session& session, std::string_view path) const {
  if (&session_ != &session || !paths_.contains(std::string(path))) return;
  throw Error(Code::InvalidArgument,
              std::string(path) +
                  " is locked by the transaction or hashEdit that this call is made in, and would "
                  "wait for itself; use what that one offers");
}

}  // namespace hexpage
