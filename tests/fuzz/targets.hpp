// What reads bytes that somebody else may have written, each with what must hold for any bytes:
// an answer or the error that it promises, never a crash, and what it accepts it reads back alike.
// libFuzzer calls them (fuzzer.cpp), and the corpora run through them as unit tests.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hexpage::fuzz {

struct Target {
  const char* name;
  // Throws BrokenPromise, or what should not have come out.
  void (*run)(std::string_view bytes);
  // Inputs to begin with where they are no text that a file of the corpus could show.
  std::vector<std::string> (*seeds)();
};

struct BrokenPromise : std::logic_error {
  using std::logic_error::logic_error;
};

inline void require(bool holds, const char* what) {
  if (!holds) throw BrokenPromise(what);
}

std::span<const Target> targets();

// Text: records and documents.
void readDocument(std::string_view bytes);
void readPage(std::string_view bytes);
void readHeader(std::string_view bytes);

// Binary: what the journal holds.
void readBatch(std::string_view bytes);
void readFlush(std::string_view bytes);
void readJournal(std::string_view bytes);
std::vector<std::string> batchSeeds();
std::vector<std::string> flushSeeds();
std::vector<std::string> journalSeeds();

// What the files of the binary engine hold.
void readFrame(std::string_view bytes);
void readRecords(std::string_view bytes);
void readIndexPage(std::string_view bytes);
void readSegment(std::string_view bytes);
std::vector<std::string> frameSeeds();
std::vector<std::string> recordSeeds();
std::vector<std::string> indexPageSeeds();
std::vector<std::string> segmentSeeds();

// Lines of `hexpage pipe` and configs.
void readPipe(std::string_view bytes);
void readConfig(std::string_view bytes);

}  // namespace hexpage::fuzz
