#include "wasi/p2/sockets/sockets.h"

namespace spindle::wasi::p2 {

RefusingSockets::RefusingSockets()
    : tcp(sockets::tcp::make_unsupported()),
      tcp_create_socket(sockets::tcp_create_socket::make_unsupported()),
      udp(sockets::udp::make_unsupported()),
      udp_create_socket(sockets::udp_create_socket::make_unsupported()),
      ip_name_lookup(sockets::ip_name_lookup::make_unsupported()) {}

}  // namespace spindle::wasi::p2
