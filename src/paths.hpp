// Paths as callers name them and as they are stored. The normalisation is the reference's for ASCII
// (pixl-server-storage, normalizeKey); what it would transliterate or lets out of its directory is
// refused here.
#pragma once

#include <string>
#include <string_view>

namespace hexpage {

inline constexpr std::size_t kMaxPath = 1024;
inline constexpr std::size_t kMaxSegment = 240;  // Node's temp files add some 15 characters to it

// Whether it is stored as it is named, and can not be refused, as most paths are; false also where
// that takes a closer look.
bool isPlainPath(std::string_view named);

// Throws InvalidArgument that says why.
std::string checkedPath(std::string_view named, bool lowerCase);

// Throws InvalidArgument unless this path of another store is one here too, and the same.
void requireSamePath(const std::string& path, bool lowerCase);

// Keeps a '/' at the end, so that "app/" is a prefix of what is below app.
std::string normalisedPrefix(std::string_view named, bool lowerCase);

}  // namespace hexpage
