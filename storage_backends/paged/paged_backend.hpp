// The paged layout: a Backend over whole records. A hash is a header record and a tree of pages in
// pixl-server-storage's format; docs/format.md has both.
#pragma once

#include <hexpage/backend.hpp>
#include <memory>

#include "paged/page_cache.hpp"
#include "paged/record_store.hpp"
#include "support/header.hpp"

namespace hexpage {

struct PagedOptions {
  Style style = Style::Compact;
  CacheLimits cache;
};

std::unique_ptr<Backend> makePagedBackend(std::unique_ptr<RecordStore> store, PagedOptions options);

}  // namespace hexpage
