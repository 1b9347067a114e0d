#include "targets.hpp"

namespace hexpage::fuzz {
namespace {

std::vector<std::string> none() { return {}; }

constexpr Target kTargets[] = {
    {"document", readDocument, none},
    {"page", readPage, none},
    {"header", readHeader, none},
    {"batch", readBatch, batchSeeds},
    {"flush", readFlush, flushSeeds},
    {"journal", readJournal, journalSeeds},
    {"frame", readFrame, frameSeeds},
    {"records", readRecords, recordSeeds},
    {"index_page", readIndexPage, indexPageSeeds},
    {"segment", readSegment, segmentSeeds},
    {"pipe", readPipe, none},
    {"config", readConfig, none},
};

}  // namespace

std::span<const Target> targets() { return kTargets; }

}  // namespace hexpage::fuzz
