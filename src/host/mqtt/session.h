#pragma once

// MqttSession: one connection to a broker, MQTT 3.1.1, on one event loop.
//
// libmosquitto speaks the protocol; it is given the address to connect to, its socket is watched by
// the loop, and it is called when there is something to read or write, and once a second for the
// pings that keep a connection alive. It has no thread and never waits. A session that has failed
// stays so; dropping one tells the broker, as far as the socket takes it, and ends everything.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::host {

struct MqttTerms {
  std::string client_id;
  bool has_clean_session = true;
  // Over TLS, with a server whose certificate has this name; empty: without.
  std::string tls_name;
  std::string username;
  std::string password;
  // 0: never. Libmosquitto keeps nothing alive more often than every kKeepAliveSecondsMin.
  uint64_t keep_alive_seconds = 0;
};

inline constexpr uint64_t kKeepAliveSecondsMin = 5;
inline constexpr uint64_t kKeepAliveSecondsMax = 65535;

enum class MqttQos : uint8_t { AtMostOnce, AtLeastOnce, ExactlyOnce };

class MqttSession {
 public:
  static constexpr auto kConnectTime = std::chrono::seconds(5);

  // Until the broker has accepted the connection.
  static io::Task<Result<std::unique_ptr<MqttSession>>> connect(io::EventLoop& loop,
                                                                io::Endpoint endpoint,
                                                                MqttTerms terms);
  virtual ~MqttSession() = default;

  virtual bool is_connected() const = 0;
  // Until the message is sent, acknowledged or completed, as the quality of service says. An
  // InvalidInput error: the message is not one; others: the connection is gone. The bytes are taken
  // at once, before the task waits or runs; the task may outlive the session.
  virtual io::Task<Result<void>> publish(const std::string& topic, std::span<const uint8_t> payload,
                                         MqttQos qos) = 0;
};

}  // namespace spindle::host
