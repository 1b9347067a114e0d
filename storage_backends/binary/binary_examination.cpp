#include "binary/binary_examination.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string_view>

#include "filesystem/place_examination.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::string_view kText = "hexpage";

void reserve(PlaceExamination& place) {
  const Fd file = place.folder().make("reserved");
  place.tell("reserve", uninterrupted([&] { return ::fallocate(file.get(), 0, 0, kPage); }) == 0,
             "the log has its room before it is written, so short writes take no system call",
             "no fallocate: every write is a system call, which is as safe and slower");
}

// Writes through mapped memory, and reads the file through another descriptor.
bool isMappedWriteSeen(const TrialFolder& folder) {
  const Fd file = folder.make("mapped"), other = folder.open("mapped");
  const std::string zeros(kPage, '\0');
  if (::pwrite(file.get(), zeros.data(), kPage, 0) != static_cast<ssize_t>(kPage)) return false;
  void* const memory = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) return false;
  kText.copy(static_cast<char*>(memory), kText.size());
  const std::string read = readAt(other.get(), 0, kText.size(), "mapped");
  ::munmap(memory, kPage);
  return read == kText;
}

void mapping(PlaceExamination& place) {
  place.tell("mapping", isMappedWriteSeen(place.folder()),
             "what is written through mapped memory is in the file at once, for all who have it",
             "no shared mappings of files: a store can not be opened here");
}

}  // namespace

std::vector<Guarantee> examineBinaryDirectory(const std::string& directory,
                                              const DirectoryRules& rules) {
  PlaceExamination place(directory, rules);
  place.permissions();
  place.filesystem();
  reserve(place);
  mapping(place);
  place.locks();
  place.sync();
  place.room("the log grows until it is compacted, and that takes room, too");
  return place.take();
}

}  // namespace hexpage
