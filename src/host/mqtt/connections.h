#pragma once

// What an instance has open of MQTT, whichever interface it opened it by.
//
//   MqttConnections   opens: checks the address and counts.
//   MqttConnection    one handle. Connects when it first publishes, and again when the connection
//                     was lost; ends its session when it is dropped.
//
// The name is looked up and its addresses are judged by the loop's dialer with each connection.

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/host/resource.h"
#include "host/mqtt/address.h"
#include "host/mqtt/session.h"
#include "host/outbound/access.h"
#include "host/places.h"
#include "host/services.h"

namespace spindle::host {

inline constexpr uint32_t kMqttConnectionsMax = 1024;
// Of one message, where the operator sets no limit.
inline constexpr uint64_t kMqttPayloadBytesMax = uint64_t{16} << 20;

// What a guest is told.
struct MqttFailure {
  enum class Kind : uint8_t { InvalidAddress, TooManyConnections, ConnectionFailed, Other };
  Kind kind;
  std::string text;
};

template <typename T>
using MqttOutcome = std::expected<T, MqttFailure>;

class MqttConnection;

class MqttConnections {
 public:
  // All of it outlives the instance.
  MqttConnections(const Services& services, OutboundPermission& permission,
                  uint64_t payload_bytes_max)
      : services_(services), permission_(permission), payload_bytes_max_(payload_bytes_max) {}
  MqttConnections(const MqttConnections&) = delete;
  MqttConnections& operator=(const MqttConnections&) = delete;

  struct Login {
    std::string username;
    std::string password;
    uint64_t keep_alive_seconds = 0;
  };
  MqttOutcome<MqttConnection> open(std::string_view address, Login login);
  uint32_t open_count() const { return open_.taken(); }

 private:
  friend class MqttConnection;
  const Services& services_;
  OutboundPermission& permission_;
  uint64_t payload_bytes_max_;
  Places open_{kMqttConnectionsMax};
};

class MqttConnection {
 public:
  // Until the message is sent, acknowledged or completed. The bytes are copied before it returns.
  io::Task<Result<MqttOutcome<void>>> publish(std::string_view topic,
                                              std::span<const uint8_t> payload, MqttQos qos);

 private:
  friend class MqttConnections;
  struct State;
  struct Message {
    std::string topic;
    std::vector<uint8_t> payload;
    MqttQos qos;
  };
  explicit MqttConnection(std::shared_ptr<State> state) : state_(std::move(state)) {}

  static io::Task<Result<void>> connect(std::shared_ptr<State> state);
  static io::Task<Result<MqttOutcome<void>>> publish(std::shared_ptr<State> state, Message message);

  std::shared_ptr<State> state_;
};

// A resource that is a connection. Each interface has a class of its own: handles of one are not
// handles of another.
class MqttResource : public component::HostResource {
 public:
  MqttConnection& connection() { return connection_; }

 protected:
  explicit MqttResource(MqttConnection connection) : connection_(std::move(connection)) {}

 private:
  MqttConnection connection_;
};

// Of fermyon:spin/mqtt@2.0.0.
class MqttHandle final : public MqttResource {
 public:
  explicit MqttHandle(MqttConnection connection) : MqttResource(std::move(connection)) {}
};

// Of spin:mqtt/mqtt@3.0.0.
class AsyncMqttHandle final : public MqttResource {
 public:
  explicit AsyncMqttHandle(MqttConnection connection) : MqttResource(std::move(connection)) {}
};

}  // namespace spindle::host
