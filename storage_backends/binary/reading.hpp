// What a Backend's reads give, of one moment of the store.
#pragma once

#include <hexpage/kv.hpp>
#include <hexpage/types.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/header.hpp"

namespace hexpage::reading {

// From its text in the catalogue. Throws Corrupt that has the path.
Header headerFrom(std::string_view text, std::string_view path);

std::optional<HashInfo> info(const kv::View& view, std::string_view path);
// Of the hash at the path, whose items are in that tree.
std::optional<Value> item(const kv::View& view, kv::TreeId items, std::string_view path,
                          std::string_view key);
std::vector<std::optional<Value>> get(const kv::View& view, std::string_view path,
                                      std::span<const std::string_view> keys);
// A cursor is the lowest hash of a key still to come.
Chunk scan(const kv::View& view, std::string_view path, std::string_view cursor);
// A cursor is when the next item to come expires, and its key.
Chunk expired(const kv::View& view, std::string_view path, Expires now, std::string_view cursor);
std::optional<std::string> record(const kv::View& view, std::string_view path);
// A cursor is the last path told.
PathChunk paths(const kv::View& view, std::string_view prefix, std::string_view cursor);
// The pages of the index that the hash's tree has.
std::vector<LayoutNode> layout(const kv::View& view, std::string_view path);

}  // namespace hexpage::reading
