# The interface by which guests choose candidates.
spindle_bindings(ROOM link WIT ${CMAKE_CURRENT_SOURCE_DIR}/link/wit/select.wit
  INTERFACES spindle:link/select@0.1.0)
