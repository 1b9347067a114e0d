#pragma once

#define HEXPAGE_VERSION_MAJOR 0
#define HEXPAGE_VERSION_MINOR 1
#define HEXPAGE_VERSION_PATCH 0

namespace hexpage {

// The version of the library in use, "0.1.0".
const char* version() noexcept;

}  // namespace hexpage
