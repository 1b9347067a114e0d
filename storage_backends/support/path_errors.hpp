// Boost.Filesystem's exceptions as this library's.
#pragma once

#include <boost/filesystem/exception.hpp>
#include <cerrno>
#include <string>
#include <utility>

#include "support/fd.hpp"

namespace hexpage {

// Gives what the work gives. What the system refuses is an Error that says `what` was to be done to
// which path.
template <class Work>
decltype(auto) withPathErrors(const std::string& what, Work work) {
  try {
    return work();
  } catch (const boost::filesystem::filesystem_error& error) {
    errno = error.code().value();
    throwSystem(what, error.path1().string());
  }
}

}  // namespace hexpage
