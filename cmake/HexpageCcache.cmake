# Compiles through ccache where there is one. Without these sloppiness settings ccache refuses every
# file that uses a precompiled header.
find_program(HEXPAGE_CCACHE ccache)
mark_as_advanced(HEXPAGE_CCACHE)
set(ccache_sloppiness pch_defines,time_macros,include_file_mtime,include_file_ctime)
if(HEXPAGE_CCACHE AND (NOT CMAKE_CXX_COMPILER_LAUNCHER OR CMAKE_CXX_COMPILER_LAUNCHER MATCHES
                                                          "^(.*/)?ccache$"))
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=${ccache_sloppiness} ${HEXPAGE_CCACHE})
endif()
