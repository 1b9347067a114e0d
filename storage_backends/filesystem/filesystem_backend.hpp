// The backend "filesystem": the paged layout over JSON files, in pixl-server-storage's format.
#pragma once

#include <hexpage/backend.hpp>
#include <hexpage/doctor.hpp>
#include <vector>

namespace hexpage {

std::unique_ptr<Backend> makeFilesystemBackend(const Json& section, const CommonSettings& common);
void checkFilesystemSection(const Json& section, const CommonSettings& common);
std::vector<Guarantee> examineFilesystem(const Json& section, const CommonSettings& common);

}  // namespace hexpage
