// A backend that nothing can be written through: each call that would write throws ReadOnly and
// does nothing.
#pragma once

#include <hexpage/backend.hpp>
#include <hexpage/error.hpp>
#include <memory>
#include <string>

namespace hexpage {

// `reason` says in the errors why.
std::unique_ptr<Backend> makeReadOnly(std::unique_ptr<Backend> backend, std::string reason);

// Whether a store could not be opened to write for want of permission or of room: to read it is
// possible perhaps.
bool isRefusedToWrite(const Error& refusal);
// The reason of one that was opened to read instead.
std::string openedToReadOnly(const std::string& baseDir, const Error& refusal);

}  // namespace hexpage
