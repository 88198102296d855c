# What `cmake --install` puts below a prefix:
#
#   component `library`   the rooms that programs embed, as static libraries Spindle::base, io, wasm,
#                         wit, component; their headers (rooted includes below include/spindle); the
#                         engine's shared library; spindle-bindgen; the package for find_package()
#   component `program`   the program spindle, and the engine's library
#
# Nothing in it names this machine: a prefix may be moved. docs/embedding.md is the manual.
include(CMakePackageConfigHelpers)

set(package_dir "lib/cmake/Spindle")
set(SPINDLE_INSTALLED_ROOMS base io wasm wit component)

install(FILES "${SPINDLE_WASMTIME_LIBRARY}" DESTINATION lib/spindle COMPONENT library)
install(FILES "${SPINDLE_WASMTIME_LIBRARY}" DESTINATION lib/spindle COMPONENT program)

foreach(room IN LISTS SPINDLE_INSTALLED_ROOMS)
  set_target_properties(spindle_${room} PROPERTIES EXPORT_NAME ${room})
  target_include_directories(spindle_${room} PUBLIC "$<INSTALL_INTERFACE:include/spindle>")
  target_compile_features(spindle_${room} INTERFACE cxx_std_23)
  install(TARGETS spindle_${room} EXPORT SpindleTargets ARCHIVE DESTINATION lib COMPONENT library)
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/src/${room}" DESTINATION include/spindle
    COMPONENT library FILES_MATCHING PATTERN "*.h"
    PATTERN "fixture" EXCLUDE PATTERN "testing.h" EXCLUDE PATTERN "test_*.h" EXCLUDE
    PATTERN "*_impl.h" EXCLUDE)
endforeach()
set_target_properties(spindle_boost PROPERTIES EXPORT_NAME boost)
install(TARGETS spindle_boost EXPORT SpindleTargets)

# The part of Boost that public headers include; Debian 12 has none that is new enough.
foreach(folder asio assert config exception system)
  install(DIRECTORY "${SPINDLE_BOOST_INCLUDE}/boost/${folder}"
    DESTINATION include/spindle/third_party/boost COMPONENT library)
endforeach()
foreach(header asio assert cerrno config cstdint current_function detail/workaround limits
    throw_exception version)
  get_filename_component(folder "${header}" DIRECTORY)
  install(FILES "${SPINDLE_BOOST_INCLUDE}/boost/${header}.hpp"
    DESTINATION "include/spindle/third_party/boost/${folder}" COMPONENT library OPTIONAL)
endforeach()

add_executable(Spindle::spindle-bindgen ALIAS spindle-bindgen)
set_target_properties(spindle PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/spindle")
install(TARGETS spindle-bindgen EXPORT SpindleTargets RUNTIME DESTINATION bin COMPONENT library)
install(TARGETS spindle RUNTIME DESTINATION bin COMPONENT program)
set(sdk_dir share/spindle/cpp)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/sdk/cpp/include" DESTINATION ${sdk_dir} COMPONENT program)
install(DIRECTORY "${SPINDLE_JSON_INCLUDE}/nlohmann" DESTINATION ${sdk_dir}/include
  COMPONENT program)
foreach(file IN LISTS SPINDLE_SDK_FILES)
  install(FILES "${CMAKE_SOURCE_DIR}/sdk/cpp/${file}" DESTINATION ${sdk_dir} COMPONENT program)
endforeach()
install(DIRECTORY "${CMAKE_SOURCE_DIR}/sdk/cpp/src" DESTINATION ${sdk_dir} COMPONENT program
  PATTERN "guest" EXCLUDE)
# Where find_package() looks for it, with the program on PATH.
file(WRITE "${CMAKE_BINARY_DIR}/package/SpindleCppConfig.cmake"
  "include(\"\${CMAKE_CURRENT_LIST_DIR}/../../../${sdk_dir}/SpindleCppConfig.cmake\")\n")
install(FILES "${CMAKE_BINARY_DIR}/package/SpindleCppConfig.cmake"
  DESTINATION lib/cmake/SpindleCpp COMPONENT program)
install(FILES "${CMAKE_BINARY_DIR}/sdk/cpp/lib/libspindle-sdk.a" DESTINATION ${sdk_dir}/lib
  COMPONENT program)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/templates" DESTINATION share/spindle COMPONENT program
  USE_SOURCE_PERMISSIONS)

install(EXPORT SpindleTargets NAMESPACE Spindle:: DESTINATION "${package_dir}" COMPONENT library)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/SpindleConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/package/SpindleConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/package/SpindleConfigVersion.cmake"
  VERSION "${PROJECT_VERSION}" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/package/SpindleConfig.cmake"
  "${CMAKE_BINARY_DIR}/package/SpindleConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/Bindings.cmake"
  DESTINATION "${package_dir}" COMPONENT library)
