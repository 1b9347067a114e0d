# cmake --install: the library, its headers, the program, and what find_package(hexpage) and
# pkg-config read.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hexpage)

install(TARGETS hexpage EXPORT hexpageTargets FILE_SET HEADERS)
install(EXPORT hexpageTargets NAMESPACE hexpage:: DESTINATION ${package_dir})

# The contract suite is a component of its own, because it needs GTest.
install(TARGETS hexpage_contract EXPORT hexpageContractTargets FILE_SET HEADERS)
install(EXPORT hexpageContractTargets NAMESPACE hexpage:: DESTINATION ${package_dir})

configure_package_config_file(
  cmake/hexpageConfig.cmake.in ${PROJECT_BINARY_DIR}/hexpageConfig.cmake
  INSTALL_DESTINATION ${package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/hexpageConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/hexpageConfig.cmake ${PROJECT_BINARY_DIR}/hexpageConfigVersion.cmake
  DESTINATION ${package_dir})

# A static library can not say what it needs itself, so there pkg-config --libs says it.
set(pc_private_requires "libcrypto, simdjson")
set(pc_private_libs "-lboost_filesystem -lre2 -lsqlite3 -lpq -lmariadb -pthread")
if(BUILD_SHARED_LIBS)
  set(pc_dependencies
      "Requires: nlohmann_json\nRequires.private: ${pc_private_requires}\nLibs.private: ${pc_private_libs}")
  set(pc_static_libs "")
else()
  set(pc_dependencies "Requires: nlohmann_json, ${pc_private_requires}")
  set(pc_static_libs " ${pc_private_libs}")
endif()
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
cmake_path(ABSOLUTE_PATH pc_dir BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE pc_full_dir)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${pc_full_dir}
           OUTPUT_VARIABLE pc_to_prefix)
configure_file(cmake/hexpage.pc.in ${PROJECT_BINARY_DIR}/hexpage.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/hexpage.pc DESTINATION ${pc_dir})

if(TARGET hexpage_cli)
  install(TARGETS hexpage_cli)
  install(FILES completions/hexpage.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME hexpage OPTIONAL)
endif()
install(FILES LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
