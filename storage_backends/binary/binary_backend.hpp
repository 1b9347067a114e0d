// The backend "binary": hashes and records in a store of hexpage::kv, an item a record of it.
#pragma once

#include <hexpage/backend.hpp>
#include <hexpage/doctor.hpp>

namespace hexpage {

std::unique_ptr<Backend> makeBinaryBackend(const Json& section, const CommonSettings& common);
void checkBinarySection(const Json& section, const CommonSettings& common);
std::vector<Guarantee> examineBinary(const Json& section, const CommonSettings& common);

}  // namespace hexpage
