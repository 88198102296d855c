# spindle_room(NAME [DEPS room...] [LIBS target...] [PRIVATE_LIBS target...])
#
# A room is one static library, spindle_NAME, of every .cpp below src/NAME except *_test.cpp,
# *_fuzz.cpp, *_bench.cpp and main.cpp. DEPS are the rooms it may include (transitively closed); the
# table of these calls in src/CMakeLists.txt is what tools/tidy.py checks every #include against.
# Its tests, *_test.cpp, make one program, NAME_test, that ctest runs. With SPINDLE_BENCH each
# x_bench.cpp is a program NAME_x_bench. Each x_fuzz.cpp is a program x_fuzz with SPINDLE_FUZZ; without,
# x_fuzz_replay, which ctest runs on the seeds (tools/fuzz_seeds.py) and on test/fuzz/x_fuzz/.

function(spindle_room name)
  cmake_parse_arguments(ROOM "" "" "DEPS;LIBS;PRIVATE_LIBS;PCH" ${ARGN})
  set(root "${CMAKE_SOURCE_DIR}/src/${name}")
  if(NOT IS_DIRECTORY "${root}")
    return()
  endif()
  file(GLOB_RECURSE all CONFIGURE_DEPENDS "${root}/*.cpp")
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|_bench|/main)\\.cpp$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")

  if(sources)
    add_library(spindle_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(spindle_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(spindle_${name} ${scope} "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>")
  target_link_libraries(spindle_${name} ${scope} "$<BUILD_INTERFACE:spindle_flags>" fmt::fmt
    ${ROOM_LIBS})
  foreach(dep IN LISTS ROOM_DEPS)
    if(TARGET spindle_${dep})
      target_link_libraries(spindle_${name} ${scope} spindle_${dep})
    endif()
  endforeach()
  if(sources)
    target_link_libraries(spindle_${name} PRIVATE ${ROOM_PRIVATE_LIBS})
    spindle_precompile(spindle_${name} ${name})
    spindle_unite(spindle_${name} ${sources})
  endif()

  if(tests AND SPINDLE_TESTS AND NOT SPINDLE_FUZZ)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE spindle_${name} GTest::gmock_main ${ROOM_PRIVATE_LIBS})
    spindle_precompile(${name}_test ${name})
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 600)
  endif()

  if(SPINDLE_BENCH)
    foreach(bench IN LISTS benches)
      get_filename_component(stem "${bench}" NAME_WE)
      add_executable(${name}_${stem} "${bench}")
      target_link_libraries(${name}_${stem} PRIVATE spindle_${name} benchmark::benchmark)
      spindle_precompile(${name}_${stem} ${name})
    endforeach()
  endif()

  if(SPINDLE_TESTS AND NOT SPINDLE_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(stem "${fuzzer}" NAME_WE)
      add_executable(${stem}_replay "${fuzzer}" "${CMAKE_SOURCE_DIR}/cmake/fuzz_replay.cpp")
      target_link_libraries(${stem}_replay PRIVATE spindle_${name})
      spindle_precompile(${stem}_replay ${name})
      add_test(NAME ${stem}_replay COMMAND ${stem}_replay "${CMAKE_BINARY_DIR}/seeds/${stem}"
        "${CMAKE_SOURCE_DIR}/test/fuzz/${stem}")
      set_tests_properties(${stem}_replay PROPERTIES TIMEOUT 300 FIXTURES_REQUIRED fuzz_seeds)
    endforeach()
  endif()

  if(SPINDLE_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(stem "${fuzzer}" NAME_WE)
      add_executable(${stem} "${fuzzer}")
      target_link_libraries(${stem} PRIVATE spindle_${name})
      target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    endforeach()
  endif()
endfunction()

# Precompiled headers: one for all rooms, one for those on the event loop, and both again for tests.
# Each is compiled once, for the target that it is named after.
set(SPINDLE_ROOMS_WITHOUT_IO base wit bindgen app scaffold)

function(spindle_precompile target room)
  if(NOT SPINDLE_PCH)
    return()
  endif()
  set(header "io")
  if(room IN_LIST SPINDLE_ROOMS_WITHOUT_IO)
    set(header "base")
  endif()
  if(target STREQUAL "spindle_base")
    target_precompile_headers(${target} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/pch.h")
  elseif(target STREQUAL "spindle_io")
    target_precompile_headers(${target} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/pch_io.h")
  elseif(target MATCHES "_test$")
    spindle_reuse_precompiled(${target} spindle_${header}_test_headers)
  else()
    spindle_reuse_precompiled(${target} spindle_${header})
  endif()
endfunction()

function(spindle_reuse_precompiled target from)
  if(NOT TARGET ${from})
    # Of the tests: a library of one empty file, which only carries the header.
    string(REGEX REPLACE "spindle_(base|io)_test_headers" "\\1" room "${from}")
    set(header "pch_test.h")
    if(room STREQUAL "io")
      set(header "pch_io_test.h")
    endif()
    add_library(${from} OBJECT "${CMAKE_SOURCE_DIR}/cmake/pch_test.cpp")
    target_link_libraries(${from} PRIVATE spindle_${room} GTest::gmock)
    target_precompile_headers(${from} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/${header}")
  endif()
  target_precompile_headers(${target} REUSE_FROM ${from})
  # Programs must be compiled as the header was: -fPIC, not -fPIE.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
endfunction()

# Several files of a room compiled as one: a build from nothing takes half as long, one after a change
# longer. Files of which each has local names that a neighbor has too are compiled by themselves.
set(SPINDLE_UNITY "0" CACHE STRING "how many files to compile as one; 0: each by itself")
set(SPINDLE_NOT_UNITED
  assemble/componentize/core_names.cpp assemble/componentize/core_part.cpp
  assemble/componentize/old_module.cpp component/validate/canon.cpp component/values/lower.cpp
  component/values/strings.cpp host/outbound_redis/spin.cpp host/postgres/client.cpp
  host/postgres/postgres.cpp host/sqlite/row_stream.cpp scaffold/liquid_render.cpp
  scaffold/liquid_tokens.cpp trial/upstreams.cpp trigger/redis/redis_config.cpp
  wasi/core/files_entries.cpp wasi/core/sockets/udp_port.cpp wasi/p2/sockets/udp.cpp
  wasm/handles.cpp wasm/rewrite/module_writer.cpp wasm/rewrite/pending_merge.cpp
  wasm/rewrite/program.cpp wasm/rewrite/rewriter.cpp)

function(spindle_unite target)
  if(NOT SPINDLE_UNITY OR target STREQUAL "spindle_io")
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  list(GET ARGN 0 first)
  string(MD5 group "${first}")
  set(index 0)
  foreach(source IN LISTS ARGN)
    string(REPLACE "${CMAKE_SOURCE_DIR}/src/" "" file "${source}")
    if(NOT file IN_LIST SPINDLE_NOT_UNITED)
      math(EXPR part "${index} / ${SPINDLE_UNITY}")
      set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${group}_${part}")
    endif()
    math(EXPR index "${index} + 1")
  endforeach()
endfunction()

option(SPINDLE_PCH "use precompiled headers" ON)
option(SPINDLE_BENCH "build the benchmarks of the rooms" OFF)
if(SPINDLE_BENCH)
  find_package(benchmark REQUIRED)
endif()
