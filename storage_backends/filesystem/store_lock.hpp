// One process at a time: who opens a store locks a file in it.
#pragma once

#include <hexpage/types.hpp>
#include <string>

#include "filesystem/posix.hpp"

namespace hexpage {

// An OFD lock on `.hexpage/lock`, which is never deleted; the kernel frees it when the process
// ends. Throws LockTimeout, with the holder's process number, when another Storage has it for
// longer than `timeout`. `baseDir` is for the message.
Fd lockStore(int directory, const std::string& baseDir, Millis timeout);

}  // namespace hexpage
