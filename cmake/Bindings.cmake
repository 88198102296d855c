# spindle_bindings(ROOM room | TARGET target WIT path... [WORLD id] [INTERFACES id...] [EXPORTS id...]
#                  [MAP file])
#
# Generates C++ for hosts from WIT (spindle-bindgen) and compiles it into the target: classes to
# implement what guests import (INTERFACES), and to call what they export (EXPORTS); a WORLD is both.
# Generated headers are included as "bindings/wasi/io_0_2/streams.h"; they lie in the build tree and
# are seen by everything that links the target. The format of the mapping file is described in
# bindgen/mapping.h. Paths are relative to the current source folder. The same file serves Spindle's
# own build and, installed, that of others.

# The path of an interface's files, as bindgen/names.h makes it.
function(spindle_bindings_path id out)
  if(NOT id MATCHES "^([^:]+):([^/]+)/([^@]+)(@(.+))?$")
    message(FATAL_ERROR "`${id}` is not an interface id: expected ns:package/interface@version")
  endif()
  set(ns "${CMAKE_MATCH_1}")
  set(package "${CMAKE_MATCH_2}")
  set(interface "${CMAKE_MATCH_3}")
  set(version "${CMAKE_MATCH_5}")
  if(version)
    if(version MATCHES "-")
      set(track "${version}")
    elseif(version MATCHES "^0\\.0\\.[0-9]+")
      set(track "${CMAKE_MATCH_0}")
    elseif(version MATCHES "^0\\.[0-9]+")
      set(track "${CMAKE_MATCH_0}")
    else()
      string(REGEX MATCH "^[0-9]+" track "${version}")
    endif()
    set(package "${package}_${track}")
  endif()
  # A namespace `spindle` inside `spindle` would hide the outer one.
  if(ns STREQUAL "spindle")
    set(ns "spindle_")
  endif()
  set(path "${ns}/${package}/${interface}")
  string(REGEX REPLACE "[-.+]" "_" path "${path}")
  string(TOLOWER "${path}" path)
  set(${out} "${path}" PARENT_SCOPE)
endfunction()

function(spindle_bindings)
  cmake_parse_arguments(B "" "ROOM;TARGET;MAP;WORLD" "WIT;INTERFACES;EXPORTS" ${ARGN})
  if(B_ROOM)
    set(B_TARGET "spindle_${B_ROOM}")
  endif()
  if(NOT TARGET ${B_TARGET})
    if(B_ROOM)
      return()
    endif()
    message(FATAL_ERROR "spindle_bindings: `${B_TARGET}` is not a target")
  endif()
  set(generator spindle-bindgen)
  if(NOT TARGET ${generator})
    set(generator Spindle::spindle-bindgen)
  endif()
  set(out "${CMAKE_BINARY_DIR}/generated/${B_TARGET}")
  set(sources)
  set(headers)
  set(arguments)
  foreach(id IN LISTS B_INTERFACES B_EXPORTS)
    spindle_bindings_path("${id}" path)
    list(APPEND sources "${out}/bindings/${path}.cpp")
    list(APPEND headers "${out}/bindings/${path}.h" "${out}/bindings/${path}_abi.h")
  endforeach()
  list(REMOVE_DUPLICATES sources)
  list(REMOVE_DUPLICATES headers)
  if(B_INTERFACES)
    list(APPEND arguments --interface ${B_INTERFACES})
  endif()
  if(B_EXPORTS)
    list(APPEND arguments --export ${B_EXPORTS})
  endif()
  if(B_WORLD)
    # What else there will be follows from the WIT, which is read when building.
    spindle_bindings_path("${B_WORLD}" path)
    set(sources "${out}/bindings/${path}_bindings.cpp")
    set(headers "${out}/bindings/${path}.h")
    list(APPEND arguments --world ${B_WORLD})
  endif()
  if(B_MAP)
    get_filename_component(map_file "${B_MAP}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND arguments --map "${map_file}")
  endif()
  set(wit)
  foreach(path IN LISTS B_WIT)
    get_filename_component(path "${path}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND wit "${path}")
  endforeach()
  string(SHA256 stamp "${B_TARGET};${B_INTERFACES};${B_EXPORTS};${B_WORLD}")
  string(SUBSTRING "${stamp}" 0 12 stamp)
  set(stamp "${out}/${stamp}.stamp")
  add_custom_command(
    OUTPUT "${stamp}"
    BYPRODUCTS ${sources} ${headers}
    COMMAND ${generator} --wit ${wit} --out "${out}" ${arguments}
      --deps "${stamp}.d" --target "${stamp}"
    COMMAND ${CMAKE_COMMAND} -E touch "${stamp}"
    DEPENDS ${generator} ${map_file}
    DEPFILE "${stamp}.d"
    COMMENT "Generating bindings for ${B_TARGET}"
    VERBATIM)
  # A target of its own, without libraries: generating must not wait for them.
  string(REGEX REPLACE ".*/([0-9a-f]+)\\.stamp$" "\\1" name "${stamp}")
  add_custom_target(${B_TARGET}_bindings_${name} DEPENDS "${stamp}")
  add_dependencies(${B_TARGET} ${B_TARGET}_bindings_${name})
  set_source_files_properties(${sources} ${headers} PROPERTIES GENERATED TRUE)
  target_sources(${B_TARGET} PRIVATE ${sources})
  if(B_ROOM AND B_INTERFACES)
    spindle_unite(${B_TARGET} ${sources})
  endif()
  target_include_directories(${B_TARGET} PUBLIC "$<BUILD_INTERFACE:${out}>")
endfunction()
