#pragma once

// Network: the capability that wasi:sockets hands out. It opens nothing by itself; what a component
// may reach is decided when a socket is made.

#include "wasi/core/resource.h"

namespace spindle::wasi {

class Network final : public HostResource {};

}  // namespace spindle::wasi
