# What hexpage needs from the system. A missing one stops the configuration with the name of the
# Debian package that has it.

macro(hexpage_require package debian_package)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "hexpage needs ${package}, which was not found. On Debian: "
                        "apt-get install ${debian_package} (or run scripts/bootstrap)")
  endif()
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
hexpage_require(Threads libc6-dev)
hexpage_require(nlohmann_json nlohmann-json3-dev 3.11)
hexpage_require(OpenSSL libssl-dev 3.0 COMPONENTS Crypto)
hexpage_require(Boost libboost-filesystem-dev 1.74 COMPONENTS filesystem)
hexpage_require(simdjson libsimdjson-dev)
find_path(HEXPAGE_XXHASH_INCLUDE xxhash.h)
if(NOT HEXPAGE_XXHASH_INCLUDE)  # a header alone, with no package file
  message(FATAL_ERROR "hexpage needs xxhash.h, which was not found. On Debian: "
                      "apt-get install libxxhash-dev (or run scripts/bootstrap)")
endif()
find_library(HEXPAGE_RE2_LIBRARY re2)
find_path(HEXPAGE_RE2_INCLUDE re2/re2.h)
if(NOT HEXPAGE_RE2_LIBRARY OR NOT HEXPAGE_RE2_INCLUDE)  # Debian's has no CMake package
  message(FATAL_ERROR "hexpage needs re2/re2.h and libre2, which were not found. On Debian: "
                      "apt-get install libre2-dev (or run scripts/bootstrap)")
endif()

# Linked into libhexpage and seen by nobody above it.
set(HEXPAGE_PRIVATE_LIBRARIES
  OpenSSL::Crypto Boost::filesystem simdjson::simdjson re2 Threads::Threads)

if(HEXPAGE_BUILD_CLI)
  hexpage_require(CLI11 libcli11-dev)
endif()
if(HEXPAGE_BUILD_TESTS)
  hexpage_require(GTest "libgtest-dev libgmock-dev")
endif()
if(HEXPAGE_BUILD_BENCH)
  hexpage_require(benchmark libbenchmark-dev)
endif()
