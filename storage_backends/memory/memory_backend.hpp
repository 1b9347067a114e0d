// The backend "memory": everything in this process, and in a snapshot on disk if that is asked for.
#pragma once

#include <hexpage/backend.hpp>

namespace hexpage {

std::unique_ptr<Backend> makeMemoryBackend(const Json& section, const CommonSettings& common);
void checkMemorySection(const Json& section, const CommonSettings& common);

}  // namespace hexpage
