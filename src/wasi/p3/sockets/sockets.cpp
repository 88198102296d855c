#include "wasi/p3/sockets/sockets.h"

#include "wasi/p3/sockets/answer.h"

namespace spindle::wasi::p3 {

namespace {

using LookupCode = sockets::ip_name_lookup::ErrorCode;

LookupCode to_lookup_code(SocketError error) {
  if (error == SocketError::AccessDenied) return {LookupCode::AccessDenied{}};
  return {LookupCode::PermanentResolverFailure{}};
}

}  // namespace

SocketCode to_error_code(SocketError error) {
  switch (error) {
    case SocketError::AccessDenied: return {SocketCode::AccessDenied{}};
    case SocketError::NotSupported: return {SocketCode::NotSupported{}};
    case SocketError::InvalidArgument: return {SocketCode::InvalidArgument{}};
    case SocketError::OutOfMemory: return {SocketCode::OutOfMemory{}};
    case SocketError::Timeout: return {SocketCode::Timeout{}};
    case SocketError::InvalidState: return {SocketCode::InvalidState{}};
    case SocketError::AddressNotBindable: return {SocketCode::AddressNotBindable{}};
    case SocketError::AddressInUse: return {SocketCode::AddressInUse{}};
    case SocketError::RemoteUnreachable: return {SocketCode::RemoteUnreachable{}};
    case SocketError::ConnectionRefused: return {SocketCode::ConnectionRefused{}};
    case SocketError::ConnectionBroken: return {SocketCode::ConnectionBroken{}};
    case SocketError::ConnectionReset: return {SocketCode::ConnectionReset{}};
    case SocketError::ConnectionAborted: return {SocketCode::ConnectionAborted{}};
    case SocketError::DatagramTooLarge: return {SocketCode::DatagramTooLarge{}};
    default: return {SocketCode::Other{std::string(name_of(error))}};
  }
}

io::Eventual<IpNameLookup::Addresses> IpNameLookup::resolve_addresses(std::string_view name) {
  auto address = look_up(instance_.sockets, name);
  if (!address) return Addresses(std::unexpect, to_lookup_code(address.error()));
  return Addresses({to_interface_ip<sockets::types::IpAddress>(*address)});
}

}  // namespace spindle::wasi::p3
