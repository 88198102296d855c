# The compiler and the flags that every target shares.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR
    "Spindle needs Clang 19 or newer, found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}: "
    "GCC 12 miscompiles coroutines (docs/decisions/0001-toolchain.md). Use ./dev build or a CMake preset.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(SPINDLE_DEBUG_INFO "-g1" CACHE STRING "debug information of debug builds; -g0 builds faster")
set(CMAKE_C_FLAGS_DEBUG "-O0 ${SPINDLE_DEBUG_INFO} -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 ${SPINDLE_DEBUG_INFO} -fno-omit-frame-pointer")

find_program(SPINDLE_CCACHE ccache)
if(SPINDLE_CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env
    "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
    "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" "CCACHE_NOHASHDIR=1" ${SPINDLE_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(spindle_flags INTERFACE)
target_compile_options(spindle_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
    -Wno-gnu-statement-expression -Wno-missing-field-initializers -Wno-deprecated-declarations>)
target_compile_options(spindle_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp -Wno-unused-command-line-argument>")
target_link_options(spindle_flags INTERFACE -fuse-ld=lld-19)

if(SPINDLE_SANITIZE)
  target_compile_options(spindle_flags INTERFACE -fsanitize=${SPINDLE_SANITIZE}
    -fno-sanitize-recover=all)
  target_link_options(spindle_flags INTERFACE -fsanitize=${SPINDLE_SANITIZE})
endif()
if(SPINDLE_FUZZ)
  target_compile_options(spindle_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
