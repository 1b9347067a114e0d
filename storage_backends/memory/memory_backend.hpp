// The backend "memory": everything in this process, nothing on disk.
#pragma once

#include <hexpage/backend.hpp>

namespace hexpage {

std::unique_ptr<Backend> makeMemoryBackend(const Json& section, const CommonSettings& common);
void checkMemorySection(const Json& section, const CommonSettings& common);

}  // namespace hexpage
