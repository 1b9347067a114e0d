# How all targets of this project are made.

# Where the library's own code and the tests find private headers: "src/x.hpp", "paged/page.hpp".
set(HEXPAGE_PRIVATE_INCLUDES ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/storage_backends)

# The language level and warnings of our own code. Nothing of it reaches who links to us.
function(hexpage_configure target)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # for ccache
    if(CMAKE_UNITY_BUILD)  # there every source is in a header's place
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # False alarms of GCC 12 at -O2 about operator+(const char*, std::string): GCC bug 105651.
      target_compile_options(${target} PRIVATE -Wno-restrict)
    endif()
  endif()
endfunction()

# Tests are never optimised, have no more for a debugger than their lines, and are not looked at by
# the undefined behaviour sanitizer: they would take three times as long to compile, and the library
# that they look at is what counts.
function(hexpage_configure_test_code target)
  hexpage_configure(${target})
  target_compile_options(${target} PRIVATE -O0 -g1 -fno-sanitize=undefined)
endfunction()

# Parsing nlohmann/json takes most of the time of a small file. Tests have a header of their own.
function(hexpage_precompile target)
  target_precompile_headers(${target} PRIVATE
    <nlohmann/json.hpp> <functional> <memory> <optional> <string> <string_view> <vector> ${ARGN})
endfunction()

# hexpage_add_part(<name> [SEES <folder>...]): the sources of storage_backends/<name> as the object
# library hexpage_<name>. It finds the public headers, those of its own folder and of the folders
# that it SEES, as "<folder>/x.hpp", and no others: not src/, not its siblings.
function(hexpage_add_part name)
  cmake_parse_arguments(PARSE_ARGV 1 part "" "" "SEES")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  if(NOT sources)
    return()
  endif()
  set(view ${CMAKE_CURRENT_BINARY_DIR}/view)
  file(MAKE_DIRECTORY ${view})
  foreach(folder IN LISTS part_SEES ITEMS ${name})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/storage_backends/${folder} ${view}/${folder} SYMBOLIC)
  endforeach()
  add_library(hexpage_${name} OBJECT ${sources})
  target_include_directories(hexpage_${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${view})
  target_link_libraries(hexpage_${name}
    PRIVATE nlohmann_json::nlohmann_json ${HEXPAGE_PRIVATE_LIBRARIES})
  hexpage_configure_library_code(hexpage_${name})
endfunction()

# Code that ends in libhexpage. It is position independent in a static library too, so that a
# service's plugin (a shared object) can hold it.
function(hexpage_configure_library_code target)
  hexpage_configure(${target})
  target_compile_definitions(${target} PRIVATE BOOST_FILESYSTEM_NO_DEPRECATED)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(TARGET hexpage_precompiled)
    target_precompile_headers(${target} REUSE_FROM hexpage_precompiled)
  endif()
endfunction()
