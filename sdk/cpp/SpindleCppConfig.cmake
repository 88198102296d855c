# The native side of the C++ SDK: tests of handlers, with fakes in the place of the host.
#
#   find_package(SpindleCpp REQUIRED PATHS "$ENV{SPINDLE_SDK_CPP}")
#   spindle_native_test(hello_test hello_test.cpp ../main.cpp)
#
# An ordinary CMake project for this machine, apart from the one that makes the component. The
# program `spindle` on PATH is enough for CMake to find the package.
#
# spindle_native_test(NAME SOURCE...) adds a test program over <spindle/test.h> and GoogleTest, and
# the test NAME for ctest. SQLite's fake is SQLite itself, where its headers are installed.

set(spindle_sdk "${CMAKE_CURRENT_LIST_DIR}")
find_package(GTest REQUIRED)
find_package(SQLite3 QUIET)
find_package(Threads REQUIRED)
enable_testing()

if(NOT TARGET spindle_fakes)
  file(GLOB spindle_fakes_sources "${spindle_sdk}/src/*.cpp" "${spindle_sdk}/src/native/*.cpp")
  list(FILTER spindle_fakes_sources EXCLUDE REGEX "runtime\\.cpp$")
  add_library(spindle_fakes STATIC ${spindle_fakes_sources})
  set_target_properties(spindle_fakes PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  target_compile_features(spindle_fakes PUBLIC cxx_std_23)
  target_include_directories(spindle_fakes SYSTEM PUBLIC "${spindle_sdk}/include")
  if(SQLite3_FOUND)
    target_compile_definitions(spindle_fakes PRIVATE SPINDLE_FAKES_SQLITE)
    target_link_libraries(spindle_fakes PRIVATE SQLite::SQLite3)
  endif()
endif()

function(spindle_native_test name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE spindle_fakes GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
