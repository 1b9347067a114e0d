// One life of a store, recorded: some processes open it, work on it and close it; one of several
// may be killed, or all of them, whereupon another opens the store. The next life goes on where a
// power cut has left the store.
#pragma once

#include <vector>

#include "log.hpp"
#include "tests/support/random.hpp"
#include "tests/torture/judge.hpp"
#include "tests/torture/options.hpp"
#include "tests/torture/workload.hpp"

namespace hexpage::torture {

// The processes of a round, which are the same in each of its lives.
class Workers {
 public:
  Workers(const Options& options, std::uint64_t seed);

  std::size_t count() const { return workloads_.size(); }
  const Workload& workload(std::size_t n) const { return workloads_[n]; }
  // What a store must hold after a cut that found them so far.
  std::vector<Witness> witnesses(const std::vector<Mark>& marks) const;

 private:
  bool isPower_;
  std::vector<Workload> workloads_;
};

// Where a life begins: a directory and how far the workers may have come in it.
struct Beginning {
  TreeImage tree;
  std::vector<Mark> marks;
};

// Throws std::runtime_error when a worker fails. Without a beginning, in a directory that was
// empty, or in which a store was prepared.
Log recordLife(const Options& options, const Workers& workers, const Beginning* beginning,
               testing::Random& random);

}  // namespace hexpage::torture
