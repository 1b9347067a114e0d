#include "targets.hpp"

namespace hexpage::fuzz {
namespace {

std::vector<std::string> none() { return {}; }

constexpr Target kTargets[] = {
    {"document", readDocument, none}, {"page", readPage, none},
    {"header", readHeader, none},     {"batch", readBatch, batchSeeds},
    {"flush", readFlush, flushSeeds}, {"journal", readJournal, journalSeeds},
    {"pipe", readPipe, none},         {"config", readConfig, none},
};

}  // namespace

std::span<const Target> targets() { return kTargets; }

}  // namespace hexpage::fuzz
