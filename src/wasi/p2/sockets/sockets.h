#pragma once

// wasi:sockets@0.2: network, instance-network, tcp, tcp-create-socket, udp, udp-create-socket,
// ip-name-lookup.
//
// Works:   instance-network.
// Refused: making a socket of either kind is `access-denied`; looking up a name is
//          `permanent-resolver-failure`. Without a socket the functions of tcp and udp cannot be
//          reached.
// Differs: Spin permits TCP and UDP connections that allowed_outbound_hosts lists.

#include "bindings/wasi/sockets_0_2/instance_network.h"
#include "bindings/wasi/sockets_0_2/ip_name_lookup.h"
#include "bindings/wasi/sockets_0_2/tcp.h"
#include "bindings/wasi/sockets_0_2/tcp_create_socket.h"
#include "bindings/wasi/sockets_0_2/udp.h"
#include "bindings/wasi/sockets_0_2/udp_create_socket.h"
#include "wasi/core/network.h"

namespace spindle::wasi::p2 {

namespace sockets = bindings::wasi::sockets_0_2;

class InstanceNetworkHost final : public sockets::instance_network::Host {
 public:
  Result<std::unique_ptr<Network>> instance_network() override {
    return std::make_unique<Network>();
  }
};

// They have no state, so that all instances share them.
struct RefusingSockets {
  RefusingSockets();

  std::unique_ptr<sockets::tcp::Host> tcp;
  std::unique_ptr<sockets::tcp_create_socket::Host> tcp_create_socket;
  std::unique_ptr<sockets::udp::Host> udp;
  std::unique_ptr<sockets::udp_create_socket::Host> udp_create_socket;
  std::unique_ptr<sockets::ip_name_lookup::Host> ip_name_lookup;
};

}  // namespace spindle::wasi::p2
