#include "host/mqtt/session.h"

#include <mosquitto.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "host/mqtt/tls.h"
#include "io/background_tasks.h"
#include "io/cancel.h"
#include "io/deadlines.h"
#include "io/fd_events.h"
#include "io/received_bytes.h"

namespace spindle::host {

namespace {

constexpr auto kTick = std::chrono::seconds(1);
// The largest message of the broker that is taken; of those who only publish it wants little.
constexpr uint64_t kIncomingBytesMax = uint64_t{16} << 20;

std::string reason_of(int code) {
  return code == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(code);
}

// The library counts what it has initialized; it stays so for the life of the process.
void initialize_library() {
  static const int kInitialized = mosquitto_lib_init();
  (void)kInitialized;
}

// A message that somebody waits for.
struct Delivery {
  bool is_done = false;
};

// What the tasks of a session share.
class Link {
 public:
  Link(io::EventLoop& loop, mosquitto* client) : loop_(loop), changed_(loop), client_(client) {}
  ~Link() { mosquitto_destroy(client_); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  static Result<std::shared_ptr<Link>> create(io::EventLoop& loop, const MqttTerms& terms);
  Result<void> start(const io::Endpoint& endpoint, const MqttTerms& terms);

  io::EventLoop& loop() { return loop_; }
  bool is_connected() const { return is_connected_ && !failure_; }
  const std::optional<Error>& failure() const { return failure_; }
  bool wants_write() const { return mosquitto_want_write(client_); }
  io::FdEvents& events() { return *events_; }

  void read() {
    note(mosquitto_loop_read(client_, 1));
    check_size();
  }
  void write() { note(mosquitto_loop_write(client_, 1)); }
  void tick() { note(mosquitto_loop_misc(client_)); }

  Result<std::shared_ptr<Delivery>> publish(const std::string& topic,
                                            std::span<const uint8_t> payload, MqttQos qos);
  void disconnect() { mosquitto_disconnect(client_); }
  void fail(Error reason) {
    if (!failure_) failure_ = std::move(reason);
    changed_.set();
  }
  // Before anything is read or written.
  Result<MqttTls::Step> shake_hands();
  // Until something has happened.
  io::Task<void> changed() {
    changed_.reset();
    return changed_.wait();
  }

 private:
  static void on_connect(mosquitto*, void* self, int code);
  static void on_publish(mosquitto*, void* self, int id);
  static void on_message(mosquitto*, void* self, const mosquitto_message*) {
    static_cast<Link*>(self)->has_heard_ = true;
  }
  // The library collects a message before it shows it.
  void check_size() {
    const uint64_t received = io::received_bytes(mosquitto_socket(client_));
    if (std::exchange(has_heard_, false)) heard_at_ = received;
    if (received > heard_at_ + kIncomingBytesMax) {
      fail(Error::unavailable(
          fmt::format("the broker sent a message of more than {} bytes", kIncomingBytesMax)));
    }
  }
  // What a call of the library came to.
  void note(int code) {
    if (code == MOSQ_ERR_SUCCESS || failure_) return;
    fail(Error::unavailable(reason_of(code)));
  }

  io::EventLoop& loop_;
  io::Event changed_;
  mosquitto* client_;
  std::unique_ptr<MqttTls> tls_;
  std::unique_ptr<io::FdEvents> events_;
  bool is_connected_ = false;
  // What was received when something was shown.
  uint64_t heard_at_ = 0;
  bool has_heard_ = false;
  std::optional<Error> failure_;
  std::map<int, std::shared_ptr<Delivery>> deliveries_;
  // Done before the library said which message it is.
  int done_early_ = 0;
};

Result<std::shared_ptr<Link>> Link::create(io::EventLoop& loop, const MqttTerms& terms) {
  initialize_library();
  mosquitto* client = mosquitto_new(terms.client_id.c_str(), terms.has_clean_session, nullptr);
  if (client == nullptr) return Error::unavailable("no MQTT client can be made");
  auto link = std::make_shared<Link>(loop, client);
  mosquitto_user_data_set(client, link.get());
  mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
  mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_connect_callback_set(client, &Link::on_connect);
  mosquitto_publish_callback_set(client, &Link::on_publish);
  mosquitto_message_callback_set(client, &Link::on_message);
  const bool has_user = !terms.username.empty();
  const int code = mosquitto_username_pw_set(client, has_user ? terms.username.c_str() : nullptr,
                                             has_user ? terms.password.c_str() : nullptr);
  if (code != MOSQ_ERR_SUCCESS) {
    return Error::invalid_input(fmt::format("the user name or password: {}", reason_of(code)));
  }
  return link;
}

Result<void> Link::start(const io::Endpoint& endpoint, const MqttTerms& terms) {
  const uint64_t seconds = terms.keep_alive_seconds;
  const int keep_alive =
      seconds == 0
          ? 0
          : static_cast<int>(std::clamp(seconds, kKeepAliveSecondsMin, kKeepAliveSecondsMax));
  if (!terms.tls_name.empty()) tls_ = TRY(MqttTls::prepare(client_, terms.tls_name));
  // An address, so that nothing is looked up; the connection goes on when this returns.
  const int code = mosquitto_connect_async(client_, endpoint.address_string().c_str(),
                                           endpoint.port, keep_alive);
  if (code > 0) {
    if (auto why = tls_ ? tls_->refusal() : std::string(); !why.empty()) {
      return Error::unavailable(std::move(why));
    }
    return Error::unavailable(
        fmt::format("connecting to {}: {}", endpoint.to_string(), reason_of(code)));
  }
  events_ = TRY(io::FdEvents::create(loop_, mosquitto_socket(client_)));
  return {};
}

Result<MqttTls::Step> Link::shake_hands() {
  if (!tls_) return MqttTls::Step::Done;
  const auto step = TRY(tls_->shake_hands());
  // It has the library notice.
  if (step == MqttTls::Step::Done) read();
  return step;
}

void Link::on_connect(mosquitto*, void* self, int code) {
  auto& link = *static_cast<Link*>(self);
  if (code != 0) {
    link.fail(Error::denied(mosquitto_connack_string(code)));
    return;
  }
  link.is_connected_ = true;
  link.changed_.set();
}

void Link::on_publish(mosquitto*, void* self, int id) {
  auto& link = *static_cast<Link*>(self);
  link.has_heard_ = true;
  const auto delivery = link.deliveries_.extract(id);
  if (delivery.empty()) {
    link.done_early_ = id;
    return;
  }
  delivery.mapped()->is_done = true;
  link.changed_.set();
}

Result<std::shared_ptr<Delivery>> Link::publish(const std::string& topic,
                                                std::span<const uint8_t> payload, MqttQos qos) {
  int id = 0;
  done_early_ = 0;
  const int code = mosquitto_publish(client_, &id, topic.c_str(), static_cast<int>(payload.size()),
                                     payload.data(), static_cast<int>(qos), false);
  if (code == MOSQ_ERR_INVAL || code == MOSQ_ERR_MALFORMED_UTF8 || code == MOSQ_ERR_PAYLOAD_SIZE ||
      code == MOSQ_ERR_OVERSIZE_PACKET) {
    return Error::invalid_input(reason_of(code));
  }
  note(code);
  if (failure_) return *failure_;
  auto delivery = std::make_shared<Delivery>();
  delivery->is_done = done_early_ == id;
  if (!delivery->is_done) deliveries_.emplace(id, delivery);
  return delivery;
}

io::Task<void> read_all(std::shared_ptr<Link> link) {
  while (!link->failure()) {
    auto waiting = link->events().wait(io::FdEvents::Wish::Read);
    co_await std::move(waiting);
    link->read();
  }
}

io::Task<void> tick_on(std::shared_ptr<Link> link) {
  while (!link->failure()) {
    auto waiting = io::sleep_for(link->loop(), kTick);
    co_await std::move(waiting);
    link->tick();
  }
}

class Session final : public MqttSession {
 public:
  explicit Session(std::shared_ptr<Link> link) : link_(std::move(link)), tasks_(link_->loop()) {}
  ~Session() override {
    link_->disconnect();
    link_->fail(Error::canceled("the connection was dropped"));
  }

  // Until the broker has accepted the connection.
  io::Task<Result<void>> open() {
    while (true) {
      const auto step = CO_TRY(link_->shake_hands());
      if (step == MqttTls::Step::Done) break;
      const bool is_reading = step == MqttTls::Step::WaitToRead;
      auto waiting =
          link_->events().wait(is_reading ? io::FdEvents::Wish::Read : io::FdEvents::Wish::Write);
      co_await std::move(waiting);
    }
    tasks_.spawn(read_all(link_));
    tasks_.spawn(tick_on(link_));
    write_on();
    auto accepting = wait_until_accepted(link_);
    auto accepted = co_await std::move(accepting);
    co_return accepted;
  }

  bool is_connected() const override { return link_->is_connected(); }

  io::Task<Result<void>> publish(const std::string& topic, std::span<const uint8_t> payload,
                                 MqttQos qos) override {
    auto delivery = link_->publish(topic, payload, qos);
    write_on();
    return deliver(link_, std::move(delivery));
  }

 private:
  // Sends what the socket did not take at once.
  void write_on() {
    if (is_writing_->exchange_true()) return;
    tasks_.spawn(write_all(link_, is_writing_));
  }

  struct Flag {
    bool value = false;
    bool exchange_true() { return std::exchange(value, true); }
  };

  static io::Task<void> write_all(std::shared_ptr<Link> link, std::shared_ptr<Flag> is_writing) {
    while (!link->failure() && link->wants_write()) {
      auto waiting = link->events().wait(io::FdEvents::Wish::Write);
      co_await std::move(waiting);
      link->write();
    }
    is_writing->value = false;
  }

  static io::Task<Result<void>> wait_until_accepted(std::shared_ptr<Link> link) {
    while (!link->is_connected() && !link->failure()) {
      auto waiting = link->changed();
      co_await std::move(waiting);
    }
    if (link->failure()) co_return *link->failure();
    co_return Result<void>();
  }

  static io::Task<Result<void>> deliver(std::shared_ptr<Link> link,
                                        Result<std::shared_ptr<Delivery>> begun) {
    const auto delivery = CO_TRY(std::move(begun));
    while (!delivery->is_done && !link->failure()) {
      auto waiting = link->changed();
      co_await std::move(waiting);
    }
    if (!delivery->is_done) co_return *link->failure();
    co_return Result<void>();
  }

  std::shared_ptr<Link> link_;
  std::shared_ptr<Flag> is_writing_ = std::make_shared<Flag>();
  io::BackgroundTasks tasks_;
};

}  // namespace

io::Task<Result<std::unique_ptr<MqttSession>>> MqttSession::connect(io::EventLoop& loop,
                                                                    io::Endpoint endpoint,
                                                                    MqttTerms terms) {
  auto link = CO_TRY(Link::create(loop, terms));
  CO_TRY(link->start(endpoint, terms));
  auto session = std::make_unique<Session>(std::move(link));
  auto accepting = io::with_deadline(
      loop, kConnectTime, fmt::format("connecting to {}", endpoint.to_string()), session->open());
  CO_TRY(co_await std::move(accepting));
  co_return std::unique_ptr<MqttSession>(std::move(session));
}

}  // namespace spindle::host
