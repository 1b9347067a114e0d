// The engine's structure in figures for people: the segments of its log and the index over them.
#pragma once

#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>
#include <vector>

namespace hexpage {

std::vector<Figure> storeFigures(const kv::Database& store);

}  // namespace hexpage
