# spindle_bindings(ROOM room | TARGET target WIT path... INTERFACES id... [MAP file])
#
# Generates C++ for hosts from WIT (src/bindgen) and compiles it into the room's library. Generated
# headers are included as "bindings/wasi/io_0_2/streams.h"; they lie in the build tree and are seen
# by everything that links the room. The mapping file is described in src/bindgen/mapping.h.

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
  set(path "${ns}/${package}/${interface}")
  string(REGEX REPLACE "[-.+]" "_" path "${path}")
  string(TOLOWER "${path}" path)
  set(${out} "${path}" PARENT_SCOPE)
endfunction()

function(spindle_bindings)
  cmake_parse_arguments(B "" "ROOM;TARGET;MAP" "WIT;INTERFACES" ${ARGN})
  if(B_ROOM)
    set(B_TARGET "spindle_${B_ROOM}")
  endif()
  if(NOT TARGET ${B_TARGET})
    return()
  endif()
  set(out "${CMAKE_BINARY_DIR}/generated/${B_TARGET}")
  set(sources)
  set(headers)
  foreach(id IN LISTS B_INTERFACES)
    spindle_bindings_path("${id}" path)
    list(APPEND sources "${out}/bindings/${path}.cpp")
    list(APPEND headers "${out}/bindings/${path}.h" "${out}/bindings/${path}_abi.h")
  endforeach()
  set(map)
  if(B_MAP)
    get_filename_component(map_file "${B_MAP}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
    set(map --map "${map_file}")
  endif()
  string(SHA256 stamp "${B_TARGET};${B_INTERFACES}")
  string(SUBSTRING "${stamp}" 0 12 stamp)
  set(stamp "${out}/${stamp}.stamp")
  add_custom_command(
    OUTPUT "${stamp}"
    BYPRODUCTS ${sources} ${headers}
    COMMAND spindle-bindgen --wit ${B_WIT} --interface ${B_INTERFACES} --out "${out}" ${map}
      --deps "${stamp}.d" --target "${stamp}"
    COMMAND ${CMAKE_COMMAND} -E touch "${stamp}"
    DEPENDS spindle-bindgen ${map_file}
    DEPFILE "${stamp}.d"
    COMMENT "Generating bindings for ${B_TARGET}"
    VERBATIM)
  # A target of its own, without libraries: generating must not wait for them.
  string(REGEX REPLACE ".*/([0-9a-f]+)\\.stamp$" "\\1" name "${stamp}")
  add_custom_target(${B_TARGET}_bindings_${name} DEPENDS "${stamp}")
  add_dependencies(${B_TARGET} ${B_TARGET}_bindings_${name})
  set_source_files_properties(${sources} ${headers} PROPERTIES GENERATED TRUE)
  target_sources(${B_TARGET} PRIVATE ${sources})
  target_include_directories(${B_TARGET} PUBLIC "${out}")
endfunction()
