// A worker process's part: performs a workload and tells how far it is.
#pragma once

#include <hexpage/hexpage.hpp>

#include "progress.hpp"
#include "tests/support/random.hpp"
#include "workload.hpp"

namespace hexpage::torture {

// Performs the operations from `first` up to `last` (not included). Throws what they throw.
inline void work(Storage& storage, const Workload& workload, std::size_t first, std::size_t last,
                 Progress& progress) {
  for (std::size_t i = first; i < last; ++i) {
    progress.begun = static_cast<std::uint32_t>(i + 1);
    perform(workload.operations[i], storage);
    progress.acknowledged = static_cast<std::uint32_t>(i + 1);
  }
}

// The same, with a Storage::sync() after one in five of them.
inline void workAndSync(Storage& storage, const Workload& workload, std::size_t first,
                        std::size_t last, testing::Random random, Progress& progress) {
  for (std::size_t i = first; i < last; ++i) {
    work(storage, workload, i, i + 1, progress);
    if (!random.oneIn(5)) continue;
    storage.sync();
    progress.synced = static_cast<std::uint32_t>(i + 1);
  }
}

// What builds the store that the rest of the workload changes. Opens and closes it.
inline void prepare(const Json& config, const Workload& workload, Progress& progress) {
  Storage storage = Storage::open(config);
  work(storage, workload, 0, workload.prepared, progress);
}

}  // namespace hexpage::torture
