#include "support/shared_state.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <hexpage/error.hpp>
#include <random>

#include "support/own_file.hpp"
#include "support/uninterrupted.hpp"

namespace hexpage {
namespace {

constexpr std::array<char, 8> kMagic = {'h', 'x', 'p', 's', 'h', 'a', 'r', 'e'};
constexpr std::uint32_t kFormat = 3;
constexpr std::size_t kPlacesAt = 4096;
constexpr std::size_t kSlotsAt = kPlacesAt + kPlaces * sizeof(SharedPlace);

static_assert(sizeof(SharedHeader) <= kPlacesAt);
static_assert(sizeof(SharedSlot) == 64 && kSlotsAt % 64 == 0);

// Empty and with all its blocks: a write into a mapping that finds no block kills the process.
void reserve(int fd, std::size_t size, const std::string& file) {
  const auto length = static_cast<off_t>(size);
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && size > limit.rlim_cur) {
    errno = EFBIG;  // instead of a SIGXFSZ
    throwSystem("size", file);
  }
  if (uninterrupted([&] { return ::ftruncate(fd, length); }) != 0) throwSystem("size", file);
  int error;
  while ((error = ::posix_fallocate(fd, 0, length)) == EINTR) {
  }
  errno = error;
  if (error != 0) throwSystem("reserve", file);
}

std::uint64_t randomWord() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

void* map(int fd, std::size_t size, const std::string& file) {
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) throwSystem("map", file);
  return memory;
}

}  // namespace

SharedState::SharedState(int directory, const std::string& file, mode_t mode,
                         const std::string& path, std::uint32_t slots, bool makeAnew)
    : size_(kSlotsAt + slots * sizeof(SharedSlot)) {
  const auto [fd, status] = openOrMake(directory, file, mode, path);
  if (makeAnew) reserve(fd.get(), size_, path);
  const bool hasSize = makeAnew || static_cast<std::size_t>(status.st_size) == size_;
  if (hasSize) memory_ = map(fd.get(), size_, path);
  if (makeAnew) {
    std::memset(memory_, 0, size_);
    header().slots = slots;
    header().format = kFormat;
    header().nameKey = {randomWord(), randomWord()};
    header().magic = kMagic;
  } else if (!hasSize || header().magic != kMagic || header().format != kFormat ||
             header().slots != slots) {
    if (memory_ != nullptr) ::munmap(memory_, size_);
    throw Error(Code::InvalidArgument,
                path + ": made by another version of hexpage, which has the store open");
  }
  ::madvise(memory_, size_, MADV_DONTFORK);
  auto* const bytes = static_cast<std::byte*>(memory_);
  places_ = reinterpret_cast<SharedPlace*>(bytes + kPlacesAt);
  slots_ = reinterpret_cast<SharedSlot*>(bytes + kSlotsAt);
}

SharedState::~SharedState() { ::munmap(memory_, size_); }

}  // namespace hexpage
