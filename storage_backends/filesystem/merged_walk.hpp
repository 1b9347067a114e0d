// The records of the files and those that are known to differ, as one walk.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filesystem/file_store.hpp"
#include "paged/record_store.hpp"

namespace hexpage {

// RecordStore::walk() over the files and the hashes and plain records that DirtyRecords::named()
// gave.
void walkMerged(const FileStore& files, const std::vector<std::pair<std::string, bool>>& dirty,
                std::string_view root, std::string_view after,
                const std::function<Walk(std::string_view path)>& visit);

}  // namespace hexpage
