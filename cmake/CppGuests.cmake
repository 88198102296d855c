# C++ that runs in components: the SDK of sdk/cpp, and the tests' guests that are written with it.
#
#   spindle_guest_bindings(OUT var WORLD name WIT path... [NAMESPACE ns])
#     WORLD.h and WORLD.cpp by `spindle bindgen --guest`; `var` gets the path of the source.
#   spindle_guest_objects(OUT var SOURCES file... INCLUDES folder...)
#     object files for wasm32
#   spindle_cpp_guest(NAME SOURCES file... [INCLUDES folder...])
#     build/PRESET/test/guests/NAME.wasm
#
# The compiler of a guest is Clang whatever compiles the host; commands are written out, because a
# CMake project has one compiler.

set(SPINDLE_SDK "${CMAKE_BINARY_DIR}/sdk/cpp")  # laid out as the installed one
set(spindle_sdk_source "${CMAKE_SOURCE_DIR}/sdk/cpp")
# Beside headers, the library and the sources of fakes.
set(SPINDLE_SDK_FILES compile.flags link.flags toolchain.cmake SpindleCppConfig.cmake)
find_program(SPINDLE_GUEST_CXX clang++-19 REQUIRED)
find_program(SPINDLE_GUEST_AR llvm-ar-19 REQUIRED)

function(spindle_guest_bindings)
  cmake_parse_arguments(G "" "OUT;WORLD;NAMESPACE" "WIT" ${ARGN})
  string(REGEX REPLACE ".*/" "" file "${G_WORLD}")
  string(MAKE_C_IDENTIFIER "${file}" file)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/guest_bindings")
  if(NOT G_NAMESPACE)
    set(G_NAMESPACE bindings)
  endif()
  set(inputs)
  foreach(path IN LISTS G_WIT)
    if(IS_DIRECTORY "${path}")
      file(GLOB_RECURSE found CONFIGURE_DEPENDS "${path}/*.wit")
      list(APPEND inputs ${found})
    else()
      list(APPEND inputs "${path}")
    endif()
  endforeach()
  # Files whose text is the same keep their time, so that the program's being linked again compiles
  # no guest again.
  add_custom_command(
    OUTPUT "${folder}/${file}.stamp"
    BYPRODUCTS "${folder}/${file}.h" "${folder}/${file}.cpp"
    COMMAND spindle bindgen --guest ${G_WIT} --world "${G_WORLD}" --namespace "${G_NAMESPACE}"
      -o "${folder}"
    COMMAND ${CMAKE_COMMAND} -E touch "${folder}/${file}.stamp"
    DEPENDS spindle ${inputs}
    COMMENT "Generating guest bindings of ${G_WORLD}"
    VERBATIM)
  set(${G_OUT} "${folder}/${file}.cpp" PARENT_SCOPE)
endfunction()

function(spindle_guest_objects)
  cmake_parse_arguments(G "" "OUT" "SOURCES;INCLUDES;HEADERS" ${ARGN})
  set(objects)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/guest_objects")
  file(MAKE_DIRECTORY "${folder}")
  set(flags "@${spindle_sdk_source}/compile.flags" -Os -Wall -Wextra -Werror
    "-I${SPINDLE_SDK}/include")
  foreach(include IN LISTS G_INCLUDES)
    list(APPEND flags "-I${include}")
  endforeach()
  foreach(source IN LISTS G_SOURCES)
    get_filename_component(source "${source}" ABSOLUTE)
    get_filename_component(folder_name "${source}" DIRECTORY)
    get_filename_component(folder_name "${folder_name}" NAME)
    get_filename_component(name "${source}" NAME)
    set(name "${folder_name}_${name}")
    set(object "${folder}/${name}.o")
    add_custom_command(
      OUTPUT "${object}"
      COMMAND ${SPINDLE_CCACHE} "${SPINDLE_GUEST_CXX}" ${flags} -MD -MF "${object}.d" -c "${source}"
        -o "${object}"
      DEPENDS "${source}" "${spindle_sdk_source}/compile.flags" ${G_HEADERS}
      DEPFILE "${object}.d"
      COMMENT "Compiling ${name} for guests"
      VERBATIM)
    list(APPEND objects "${object}")
  endforeach()
  set(${G_OUT} ${objects} PARENT_SCOPE)
endfunction()

function(spindle_cpp_guest name)
  cmake_parse_arguments(G "" "" "SOURCES;INCLUDES;HEADERS" ${ARGN})
  spindle_guest_objects(OUT objects SOURCES ${G_SOURCES} INCLUDES ${G_INCLUDES}
    HEADERS ${G_HEADERS})
  set(core "${CMAKE_CURRENT_BINARY_DIR}/${name}.core.wasm")
  set(component "${CMAKE_BINARY_DIR}/test/guests/${name}.wasm")
  add_custom_command(
    OUTPUT "${component}"
    COMMAND "${SPINDLE_GUEST_CXX}" "@${spindle_sdk_source}/link.flags" ${objects}
      "${SPINDLE_SDK}/lib/libspindle-sdk.a" -o "${core}"
    COMMAND spindle component new "${core}" -o "${component}"
    DEPENDS ${objects} "${SPINDLE_SDK}/lib/libspindle-sdk.a" "${spindle_sdk_source}/link.flags"
    COMMENT "Linking guest ${name}"
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY SPINDLE_CPP_GUESTS "${component}")
endfunction()
