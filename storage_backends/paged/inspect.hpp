// Looking at everything a paged store holds, and mending what can be mended without losing an item.
#pragma once

#include <hexpage/types.hpp>
#include <span>
#include <string>

#include "paged/record_store.hpp"
#include "support/header.hpp"

namespace hexpage {

enum class Mending { None, Plan, Do };

// Reads every file anew. Nobody else may write meanwhile, and nothing may be dirty. Files in
// `accepted` that do not match their checksums are taken for what they should be, if they have the
// right form.
void inspect(RecordStore& store, Style style, Report& report, Mending mending,
             std::span<const std::string> accepted = {});

}  // namespace hexpage
