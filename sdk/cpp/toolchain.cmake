# CMake toolchain for components in C++. A project is three lines:
#
#   cmake_minimum_required(VERSION 3.25)
#   project(hello CXX)
#   spindle_component(hello main.cpp)
#
#   cmake -B build --toolchain "$SPINDLE_SDK_CPP/toolchain.cmake" && cmake --build build
#
# spindle_component(NAME SOURCE...) adds an executable target NAME and makes build/NAME.wasm of it.
# Its sources are compiled over a precompiled <spindle/http.h>, which CMake's property
# DISABLE_PRECOMPILE_HEADERS turns off; target_precompile_headers() adds more (<spindle/json.h>).
# What else CMake can do works as usual: target_link_libraries, find_package of header-only libraries.
#
# The program `spindle` is taken from the variable SPINDLE, from the environment, from beside the SDK,
# or from PATH; the compiler from the environment variable SPINDLE_CXX, else it is clang++-19.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(spindle_sdk "${CMAKE_CURRENT_LIST_DIR}")

if(DEFINED ENV{SPINDLE_CXX})
  set(CMAKE_CXX_COMPILER "$ENV{SPINDLE_CXX}")
else()
  find_program(SPINDLE_CXX NAMES clang++-19 clang++ REQUIRED)
  set(CMAKE_CXX_COMPILER "${SPINDLE_CXX}")
endif()
string(REGEX REPLACE "\\+\\+(-[0-9]+)?$" "\\1" spindle_c_compiler "${CMAKE_CXX_COMPILER}")
set(CMAKE_C_COMPILER "${spindle_c_compiler}")
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
# What is tried out while CMake looks around cannot be run, and need not be linked.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_INIT "@${spindle_sdk}/compile.flags -I${spindle_sdk}/include")
set(CMAKE_EXE_LINKER_FLAGS_INIT "@${spindle_sdk}/link.flags")
# Instead of CMake's -O3, which `_INIT` would only stand before.
foreach(language IN ITEMS C CXX)
  set(CMAKE_${language}_FLAGS_RELEASE "-Os -DNDEBUG" CACHE STRING "Flags of Release")
endforeach()
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug")
endif()

if(NOT SPINDLE AND DEFINED ENV{SPINDLE})
  set(SPINDLE "$ENV{SPINDLE}")
endif()
find_program(SPINDLE NAMES spindle HINTS "${spindle_sdk}/../../../bin" "${spindle_sdk}/../../bin")

function(spindle_component name)
  if(NOT SPINDLE)
    message(FATAL_ERROR "the program `spindle` is not on PATH; name it with -DSPINDLE=...")
  endif()
  add_executable(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES SUFFIX ".core.wasm")
  # Nine tenths of the time that a handler takes to compile.
  target_precompile_headers(${name} PRIVATE <spindle/http.h>)
  target_link_libraries(${name} PRIVATE "${spindle_sdk}/lib/libspindle-sdk.a")
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND "${SPINDLE}" component new "$<TARGET_FILE:${name}>"
      -o "${CMAKE_CURRENT_BINARY_DIR}/${name}.wasm"
    BYPRODUCTS "${CMAKE_CURRENT_BINARY_DIR}/${name}.wasm"
    VERBATIM)
endfunction()
