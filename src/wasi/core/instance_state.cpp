#include "wasi/core/instance_state.h"

#include <fmt/format.h>

namespace spindle::wasi {

Error InstanceState::exit(uint8_t code) {
  exit_status = ExitStatus{code};
  return Error::trap(fmt::format("the guest exited with status {}", code));
}

SocketGate& InstanceState::closed_sockets() {
  static ClosedSocketGate gate;
  return gate;
}

}  // namespace spindle::wasi
