// A command that this program runs, and then ends as.
#pragma once

#include <string>
#include <vector>

namespace hexpage::cli {

// Runs it to its end, and gives its exit code: 128 + n when signal n ended it, 127 when there is no
// such command, 126 when it can not be run. SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on to
// it, also after the return; should this program be killed it gets SIGTERM.
int runChild(const std::vector<std::string>& command);

}  // namespace hexpage::cli
