#include "host/mqtt/connections.h"

#include <fmt/format.h>

namespace spindle::host {

namespace {

std::unexpected<MqttFailure> failed(MqttFailure::Kind kind, std::string text = {}) {
  return std::unexpected(MqttFailure{kind, std::move(text)});
}

// The words of an error for the guest; cancellation stays one.
Result<MqttOutcome<void>> told(MqttFailure::Kind kind, const Error& error) {
  if (error.kind() == ErrorKind::Canceled) return error;
  return MqttOutcome<void>(failed(kind, error.to_string()));
}

}  // namespace

struct MqttConnection::State {
  State(const Services& services, ConnectionLimits& limits, MqttAddress address, MqttTerms terms)
      : services(services),
        limits(limits),
        address(std::move(address)),
        terms(std::move(terms)),
        connected(services.loop) {}

  const Services& services;
  ConnectionLimits& limits;
  const MqttAddress address;
  const MqttTerms terms;
  uint64_t payload_bytes_max = 0;
  Place place;
  // From the first connection on.
  std::optional<ConnectionLimits::Permit> permit;
  std::shared_ptr<MqttSession> session;
  // One connects, others wait for it.
  bool is_connecting = false;
  io::Event connected;
};

MqttOutcome<MqttConnection> MqttConnections::open(std::string_view address, Login login) {
  using Kind = MqttFailure::Kind;
  const auto destination = app::parse_destination(address, "mqtt");
  if (!destination || !permission_.permits(*destination) || services_.dialer == nullptr) {
    return failed(Kind::ConnectionFailed, fmt::format("address {} is not permitted", address));
  }
  auto parsed = MqttAddress::parse(address, *destination);
  if (!parsed) return failed(Kind::InvalidAddress);
  auto place = open_.take();
  if (!place) return failed(Kind::TooManyConnections);
  MqttTerms terms{.client_id = parsed->client_id,
                  .has_clean_session = parsed->has_clean_session,
                  .tls_name = parsed->has_tls ? parsed->host : "",
                  .username = std::move(login.username),
                  .password = std::move(login.password),
                  .keep_alive_seconds = login.keep_alive_seconds};
  if (terms.username.contains('\0') || terms.password.contains('\0')) {
    return failed(Kind::Other, "a user name or password contains a NUL");
  }
  auto state = std::make_shared<MqttConnection::State>(services_, permission_.limits(),
                                                       std::move(*parsed), std::move(terms));
  state->payload_bytes_max = payload_bytes_max_;
  state->place = std::move(*place);
  return MqttConnection(std::move(state));
}

io::Task<Result<void>> MqttConnection::connect(std::shared_ptr<State> state) {
  while (state->is_connecting) {
    state->connected.reset();
    auto waiting = state->connected.wait();
    co_await std::move(waiting);
  }
  if (state->session && state->session->is_connected()) co_return Result<void>();
  struct Connecting {
    explicit Connecting(State& state) : state(state) { state.is_connecting = true; }
    Connecting(const Connecting&) = delete;
    Connecting& operator=(const Connecting&) = delete;
    ~Connecting() {
      state.is_connecting = false;
      state.connected.set();
    }
    State& state;
  };
  const Connecting connecting(*state);
  state->session.reset();
  if (!state->permit) {
    auto waiting = state->limits.take(ConnectionKind::Mqtt, state->services.loop);
    state->permit = CO_TRY(co_await std::move(waiting));
  }
  auto resolving = state->services.dialer->resolve(state->address.host, state->address.port);
  const auto endpoints = CO_TRY(co_await std::move(resolving));
  auto failure = Error::unavailable("there is no address to connect to");
  for (const auto& endpoint : endpoints) {
    auto trying = MqttSession::connect(state->services.loop, endpoint, state->terms);
    auto session = co_await std::move(trying);
    if (session) {
      state->session = session.take_value();
      co_return Result<void>();
    }
    failure = session.take_error();
  }
  co_return failure;
}

io::Task<Result<MqttOutcome<void>>> MqttConnection::publish(std::string_view topic,
                                                            std::span<const uint8_t> payload,
                                                            MqttQos qos) {
  Message message{.topic = std::string(topic), .qos = qos};
  // What is too long is not copied, only counted.
  message.payload.resize(std::min<uint64_t>(payload.size(), state_->payload_bytes_max + 1));
  std::ranges::copy(payload.first(message.payload.size()), message.payload.begin());
  return publish(state_, std::move(message));
}

io::Task<Result<MqttOutcome<void>>> MqttConnection::publish(std::shared_ptr<State> state,
                                                            Message message) {
  using Kind = MqttFailure::Kind;
  using Outcome = MqttOutcome<void>;
  if (message.payload.size() > state->payload_bytes_max) {
    co_return Outcome(
        failed(Kind::Other, fmt::format("the payload exceeds {} bytes", state->payload_bytes_max)));
  }
  if (message.topic.contains('\0')) {
    co_return Outcome(failed(Kind::Other, "the topic contains a NUL"));
  }
  auto connecting = connect(state);
  auto connected = co_await std::move(connecting);
  if (!connected) {
    const bool is_limit = connected.error().kind() == ErrorKind::LimitExceeded;
    co_return told(is_limit ? Kind::TooManyConnections : Kind::ConnectionFailed, connected.error());
  }
  auto publishing = state->session->publish(message.topic, message.payload, message.qos);
  auto published = co_await std::move(publishing);
  if (published) co_return Outcome();
  const bool is_message = published.error().kind() == ErrorKind::InvalidInput;
  co_return told(is_message ? Kind::Other : Kind::ConnectionFailed, published.error());
}

}  // namespace spindle::host
