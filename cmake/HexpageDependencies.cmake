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
# Those that have no CMake package: a header, and the library if it is not all in the header.
function(hexpage_require_header header library debian_package)
  find_path(HEXPAGE_INCLUDE_${debian_package} ${header} PATH_SUFFIXES ${ARGN})
  if(library)
    find_library(HEXPAGE_LIBRARY_${debian_package} ${library})
  endif()
  if(NOT HEXPAGE_INCLUDE_${debian_package} OR (library AND NOT HEXPAGE_LIBRARY_${debian_package}))
    message(FATAL_ERROR "hexpage needs ${header}, which was not found. On Debian: "
                        "apt-get install ${debian_package} (or run scripts/bootstrap)")
  endif()
endfunction()
hexpage_require_header(xxhash.h "" libxxhash-dev)
hexpage_require_header(re2/re2.h re2 libre2-dev)
hexpage_require_header(sqlite3.h sqlite3 libsqlite3-dev)
hexpage_require_header(libpq-fe.h pq libpq-dev postgresql)
hexpage_require_header(mysql.h mariadb libmariadb-dev mariadb)

# Linked into libhexpage and seen by nobody above it.
set(HEXPAGE_PRIVATE_LIBRARIES
  OpenSSL::Crypto Boost::filesystem simdjson::simdjson re2 sqlite3 pq mariadb Threads::Threads)

if(HEXPAGE_BUILD_CLI)
  hexpage_require(CLI11 libcli11-dev)
endif()
if(HEXPAGE_BUILD_TESTS)
  hexpage_require(GTest "libgtest-dev libgmock-dev")
endif()
if(HEXPAGE_BUILD_BENCH)
  hexpage_require(benchmark libbenchmark-dev)
endif()
