// Several threads at once at durability "power", and several processes on one store.
#pragma once

#include <hexpage/types.hpp>
#include <string>

namespace hexpage::bench {

// Makes stores below the directory, which must be empty. Gives {"power1", "power8", "power32":
// microseconds a put when so many threads put, "processes": {name: {"calls": a second, "turns": a
// second, "longest": milliseconds}}}; a turn is a put that follows one by another process. Throws
// when a store does not hold what it should.
Json runTogether(const std::string& directory);

}  // namespace hexpage::bench
