// A backend that nothing can be written through: each call that would write throws ReadOnly and
// does nothing.
#pragma once

#include <hexpage/backend.hpp>
#include <memory>
#include <string>

namespace hexpage {

// `reason` says in the errors why.
std::unique_ptr<Backend> makeReadOnly(std::unique_ptr<Backend> backend, std::string reason);

}  // namespace hexpage
