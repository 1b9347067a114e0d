// Looking at everything a paged store holds, and mending what can be mended without losing an item.
#pragma once

#include <hexpage/types.hpp>

#include "paged/record_store.hpp"
#include "support/header.hpp"

namespace hexpage {

enum class Mending { None, Plan, Do };

// Reads every file anew. Nobody else may write meanwhile.
void inspect(RecordStore& store, Style style, Report& report, Mending mending);

}  // namespace hexpage
