// What the names of files tell of the layout that they were written in. Names are relative to the
// store's directory.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "filesystem/file_layout.hpp"

namespace hexpage {

// How many of the files an MD5 layout could have named so.
std::size_t countNamed(const FileLayout& layout, const std::vector<std::string>& files);

// The MD5 layout by which the files are named; nullopt where they are named by their paths, or
// where too few of them put digits of a digest in their folders.
std::optional<FileLayout> guessDigestLayout(const std::vector<std::string>& files);

}  // namespace hexpage
