#pragma once

// MqttTls: TLS under a connection that libmosquitto makes.
//
// The library checks a certificate against the address that it connects to, which is one that was
// looked up here, and shakes hands only in a loop of its own. So it is given a context of ours,
// which knows the name that the server must have, and the handshake of its session is done here
// before it reads or writes. The roots are the system's, TLS is 1.2 or newer.

#include <memory>
#include <string>

#include "base/result.h"

struct mosquitto;

namespace spindle::host {

class MqttTls {
 public:
  // Before `client` connects; it outlives this. `name`: a host or an address.
  static Result<std::unique_ptr<MqttTls>> prepare(mosquitto* client, std::string name);
  virtual ~MqttTls() = default;

  enum class Step : uint8_t { Done, WaitToRead, WaitToWrite };
  // When it connects, and when what was waited for is there.
  virtual Result<Step> shake_hands() = 0;
  // Why the certificate was refused, also by what the library did when it connected; or nothing.
  virtual std::string refusal() const = 0;
};

}  // namespace spindle::host
