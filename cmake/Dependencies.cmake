# Third-party libraries: what the system has in the pinned version, else what ./dev setup unpacked.

function(spindle_missing what)
  message(FATAL_ERROR "${what} is missing. Run ./dev setup first.")
endfunction()

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)

# Boost headers: Asio, JSON, containers.
find_path(SPINDLE_BOOST_INCLUDE boost/version.hpp
  HINTS "${SPINDLE_DEPS}/boost/usr/include" NO_DEFAULT_PATH)
if(NOT SPINDLE_BOOST_INCLUDE)
  find_package(Boost 1.88 QUIET)
  if(NOT Boost_FOUND)
    spindle_missing("Boost 1.88 or newer")
  endif()
  set(SPINDLE_BOOST_INCLUDE "${Boost_INCLUDE_DIRS}")
endif()
add_library(spindle_boost INTERFACE)
target_include_directories(spindle_boost SYSTEM INTERFACE
  "$<BUILD_INTERFACE:${SPINDLE_BOOST_INCLUDE}>"
  "$<INSTALL_INTERFACE:include/spindle/third_party>")
target_compile_definitions(spindle_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ERROR_CODE_HEADER_ONLY
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(spindle_boost INTERFACE Threads::Threads)

# Wasmtime's core C API.
set(SPINDLE_WASMTIME_VERSION 50.0.1)
find_library(SPINDLE_WASMTIME_LIBRARY wasmtime HINTS "${SPINDLE_DEPS}/wasmtime/lib" NO_DEFAULT_PATH)
find_path(SPINDLE_WASMTIME_INCLUDE wasmtime.h
  HINTS "${SPINDLE_DEPS}/crates/wasmtime-c-api-impl-${SPINDLE_WASMTIME_VERSION}/include"
  NO_DEFAULT_PATH)
if(NOT SPINDLE_WASMTIME_LIBRARY OR NOT SPINDLE_WASMTIME_INCLUDE)
  find_package(wasmtime ${SPINDLE_WASMTIME_VERSION} EXACT QUIET)
  spindle_missing("Wasmtime ${SPINDLE_WASMTIME_VERSION} (C API)")
endif()
add_library(Spindle::wasmtime SHARED IMPORTED GLOBAL)
set_target_properties(Spindle::wasmtime PROPERTIES
  IMPORTED_LOCATION "${SPINDLE_WASMTIME_LIBRARY}"
  IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES "${SPINDLE_WASMTIME_INCLUDE}")

# llhttp, three C files.
if(NOT EXISTS "${SPINDLE_DEPS}/llhttp/src/llhttp.c")
  spindle_missing("llhttp")
endif()
add_library(spindle_llhttp STATIC "${SPINDLE_DEPS}/llhttp/src/api.c"
  "${SPINDLE_DEPS}/llhttp/src/http.c" "${SPINDLE_DEPS}/llhttp/src/llhttp.c")
target_include_directories(spindle_llhttp SYSTEM PUBLIC "${SPINDLE_DEPS}/llhttp/include")
target_compile_options(spindle_llhttp PRIVATE -w)

# hiredis, of which only the reader of the protocol is used.
if(NOT EXISTS "${SPINDLE_DEPS}/hiredis/hiredis/read.c")
  spindle_missing("hiredis")
endif()
add_library(spindle_hiredis STATIC "${SPINDLE_DEPS}/hiredis/hiredis/alloc.c"
  "${SPINDLE_DEPS}/hiredis/hiredis/read.c" "${SPINDLE_DEPS}/hiredis/hiredis/sds.c")
target_include_directories(spindle_hiredis SYSTEM PUBLIC "${SPINDLE_DEPS}/hiredis")
target_compile_options(spindle_hiredis PRIVATE -w)

pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(mosquitto REQUIRED IMPORTED_TARGET libmosquitto)
pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
# Not by its pkg-config file, whose -pthread does not go with the precompiled headers.
find_library(SPINDLE_RE2 re2 REQUIRED)
find_package(OpenSSL REQUIRED)
if(SPINDLE_TESTS)
  find_package(GTest REQUIRED)
endif()

# WIT packages that crates carry.
set(SPINDLE_CRATES "${SPINDLE_DEPS}/crates")

# ada, the WHATWG URL parser: one amalgamated source.
if(NOT EXISTS "${SPINDLE_DEPS}/crates/ada-url-4.0.0/deps/ada.cpp")
  spindle_missing("ada")
endif()
add_library(spindle_ada STATIC "${SPINDLE_DEPS}/crates/ada-url-4.0.0/deps/ada.cpp")
target_include_directories(spindle_ada SYSTEM PUBLIC "${SPINDLE_DEPS}/crates/ada-url-4.0.0/deps")
target_compile_definitions(spindle_ada PUBLIC ADA_INCLUDE_URL_PATTERN=0)
target_compile_options(spindle_ada PRIVATE -w)
