#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mosquitto.h>

#include "host/mqtt/spin.h"
#include "host/test_server.h"
#include "io/background_tasks.h"
#include "io/tcp.h"
#include "wasi/core/clocks.h"
#include "wasi/core/random.h"

namespace spindle::host {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class AnyAddress final : public io::AddressGate {
 public:
  bool permits(const io::Endpoint& endpoint) const override { return endpoint.port != blocked; }
  uint16_t blocked = 0;
};

class MqttTest : public ::testing::Test {
 protected:
  MqttTest() {
    limit({});
    services_.dialer = &dialer_;
  }

  // For what is opened from now on.
  void limit(const app::OutboundConfig& config) {
    limits_.push_back(std::make_shared<ConnectionLimits>(config));
    app::LockedComponent component;
    component.id = "guest";
    component.allowed_outbound_hosts = {"mqtt://127.0.0.1:*", "mqtts://127.0.0.1:*",
                                        "http://127.0.0.1:*"};
    access_ =
        OutboundAccess::create(component, variables_, {.limits = limits_.back()}).take_value();
  }

  static std::string url(uint16_t port, std::string_view query = "client_id=tester") {
    return fmt::format("mqtt://127.0.0.1:{}?{}", port, query);
  }
  MqttConnection open(uint16_t port) {
    auto opened = connections_.open(url(port), {.username = "me", .password = "secret"});
    EXPECT_TRUE(opened.has_value());
    return std::move(*opened);
  }
  // "" when it is published.
  std::string publish(MqttConnection& connection, std::string_view topic, std::string_view payload,
                      MqttQos qos = MqttQos::AtLeastOnce) {
    auto publishing = connection.publish(topic, bytes_of(payload), qos);
    return text_of(loop_.block_on(std::move(publishing)));
  }
  static std::string text_of(Result<MqttOutcome<void>> published) {
    if (!published.has_value()) return "error: " + published.error().to_string();
    if (*published) return "";
    const bool is_other = published->error().kind == MqttFailure::Kind::Other;
    return (is_other ? "other: " : "connection-failed: ") + published->error().text;
  }

  io::EventLoop loop_;
  io::BlockingPool pool_{1};
  io::Resolver resolver_{loop_, pool_};
  AnyAddress addresses_;
  io::Dialer dialer_{loop_, resolver_, addresses_};
  wasi::SystemClocks clocks_{loop_};
  wasi::SystemRandom random_;
  Services services_{{loop_, clocks_, random_}};
  app::Resolver variables_ = app::Resolver::create({}, {}).take_value();
  // Connections outlive a change.
  std::vector<std::shared_ptr<ConnectionLimits>> limits_;
  OutboundAccess access_;
  OutboundPermission permission_{access_};
  MqttConnections connections_{services_, permission_, 1000};
};

// Reads what a real broker passes on.
class Subscriber {
 public:
  Subscriber(uint16_t port, const char* topic) : client_(mosquitto_new("subscriber", true, this)) {
    mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* self, int, int, const int*) {
      static_cast<Subscriber*>(self)->is_ready_ = true;
    });
    mosquitto_message_callback_set(
        client_, [](mosquitto*, void* self, const mosquitto_message* message) {
          static_cast<Subscriber*>(self)->heard.push_back(
              fmt::format("{} {} {}", message->qos, message->topic,
                          std::string_view(static_cast<const char*>(message->payload),
                                           static_cast<size_t>(message->payloadlen))));
        });
    EXPECT_EQ(mosquitto_connect(client_, "127.0.0.1", port, 60), MOSQ_ERR_SUCCESS);
    int id = 0;
    while (!is_ready_ && mosquitto_loop(client_, 1000, 1) == MOSQ_ERR_SUCCESS) {
      if (id == 0) mosquitto_subscribe(client_, &id, topic, 2);
    }
  }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  ~Subscriber() { mosquitto_destroy(client_); }

  void wait_for(size_t count) {
    for (int turn = 0; turn < 1000 && heard.size() < count; ++turn) {
      if (mosquitto_loop(client_, 1000, 1) != MOSQ_ERR_SUCCESS) return;
    }
  }

  std::vector<std::string> heard;

 private:
  mosquitto* client_;
  bool is_ready_ = false;
};

TEST_F(MqttTest, ARealBrokerGetsEveryMessageOnceWithItsQuality) {
  const testing::TestServer server("mosquitto");
  Subscriber subscriber(server.port(), "test/#");
  auto connection = open(server.port());
  EXPECT_EQ(publish(connection, "test/zero", "a", MqttQos::AtMostOnce), "");
  EXPECT_EQ(publish(connection, "test/one", "", MqttQos::AtLeastOnce), "");
  EXPECT_EQ(publish(connection, "test/two", "b\nc", MqttQos::ExactlyOnce), "");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(publish(connection, "test/many", std::to_string(i), MqttQos::ExactlyOnce), "");
  }
  subscriber.wait_for(103);
  ASSERT_EQ(subscriber.heard.size(), 103U);
  EXPECT_EQ(subscriber.heard[0], "0 test/zero a");
  EXPECT_EQ(subscriber.heard[1], "1 test/one ");
  EXPECT_EQ(subscriber.heard[2], "2 test/two b\nc");
  EXPECT_EQ(subscriber.heard[102], "2 test/many 99");
}

TEST_F(MqttTest, ManyMessagesGoAtOnceOverOneConnection) {
  const testing::TestServer server("mosquitto");
  Subscriber subscriber(server.port(), "test/#");
  auto connection = open(server.port());
  io::TaskGroup group(loop_);
  int published = 0;
  auto publish_one = [](io::Task<Result<MqttOutcome<void>>> publishing,
                        int& count) -> io::Task<void> {
    auto outcome = co_await std::move(publishing);
    EXPECT_EQ(text_of(std::move(outcome)), "");
    ++count;
  };
  for (int i = 0; i < 60; ++i) {
    group.spawn(publish_one(
        connection.publish("test/all", bytes_of(std::to_string(i)), static_cast<MqttQos>(i % 3)),
        published));
  }
  loop_.block_on(group.drained());
  EXPECT_EQ(published, 60);
  subscriber.wait_for(60);
  EXPECT_EQ(subscriber.heard.size(), 60U);
}

TEST_F(MqttTest, OpensWhatIsPermittedAndAnAddress) {
  const struct {
    std::string address;
    std::optional<MqttFailure::Kind> failure;
  } cases[] = {
      {url(1883), std::nullopt},
      {"mqtt://127.0.0.1?client_id=a", std::nullopt},
      {url(1883, "client_id=a%20b&clean_session=false&keep_alive_secs=3"), std::nullopt},
      {"mqtt://user:word@127.0.0.1?client_id=a", std::nullopt},
      {url(1883, ""), MqttFailure::Kind::InvalidAddress},
      {url(1883, "client_id="), MqttFailure::Kind::InvalidAddress},
      {url(1883, "client_id=%20a"), MqttFailure::Kind::InvalidAddress},
      {url(1883, "client_id=%00"), MqttFailure::Kind::InvalidAddress},
      {url(1883, "client_id=%4"), MqttFailure::Kind::InvalidAddress},
      {url(1883, "client_id=a&what=ever"), MqttFailure::Kind::InvalidAddress},
      {url(1883, "client_id=a&clean_session=maybe"), MqttFailure::Kind::InvalidAddress},
      {url(1883, "client_id=" + std::string(70000, 'a')), MqttFailure::Kind::ConnectionFailed},
      {"http://127.0.0.1?client_id=a", MqttFailure::Kind::InvalidAddress},
      {"127.0.0.1:1883?client_id=a", MqttFailure::Kind::InvalidAddress},
      {"mqtt://127.0.0.2?client_id=a", MqttFailure::Kind::ConnectionFailed},
      {"mqtt://example.com?client_id=a", MqttFailure::Kind::ConnectionFailed},
      {"", MqttFailure::Kind::ConnectionFailed},
      {"mqtt://", MqttFailure::Kind::ConnectionFailed},
  };
  for (const auto& c : cases) {
    const auto opened = connections_.open(c.address, {});
    EXPECT_EQ(opened.has_value(), !c.failure.has_value()) << c.address.substr(0, 80);
    if (!opened && c.failure) EXPECT_EQ(opened.error().kind, *c.failure) << c.address.substr(0, 80);
  }
  EXPECT_EQ(connections_.open("mqtt://10.0.0.1?client_id=a", {}).error().text,
            "address mqtt://10.0.0.1?client_id=a is not permitted");
}

TEST_F(MqttTest, CountsConnections) {
  std::vector<MqttConnection> open_ones;
  for (uint32_t i = 0; i < kMqttConnectionsMax; ++i) open_ones.push_back(open(1883));
  EXPECT_EQ(connections_.open(url(1883), {}).error().kind, MqttFailure::Kind::TooManyConnections);
  open_ones.pop_back();
  EXPECT_TRUE(connections_.open(url(1883), {}).has_value());
}

// A broker that says what the test tells it to.
class FakeBroker {
 public:
  explicit FakeBroker(io::EventLoop& loop)
      : listener_(io::TcpListener::create(
                      loop, {.family = io::Endpoint::Family::V4, .address = {127, 0, 0, 1}})
                      .take_value()) {}

  uint16_t port() const { return listener_->endpoint().port; }
  // For each connection: reads a packet, answers with the code; then reads on to its end.
  io::Task<void> serve(int connections, std::string answer, std::string after) {
    for (int i = 0; i < connections; ++i) {
      auto accepting = listener_->accept();
      auto stream = co_await std::move(accepting);
      std::vector<uint8_t> buffer(65536);
      for (const auto& reply : {answer, after, std::string()}) {
        auto reading = (*stream)->read_some(buffer);
        const auto read = co_await std::move(reading);
        if (!read || *read == 0) break;
        heard.append(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(*read));
        if (reply == "close") break;
        auto writing = io::write_all(**stream, bytes_of(reply));
        (void)co_await std::move(writing);
      }
      (*stream)->close();
      ++served;
    }
  }

  std::string heard;
  int served = 0;

 private:
  std::unique_ptr<io::TcpListener> listener_;
};

const std::string kAccepted("\x20\x02\x00\x00", 4);

TEST_F(MqttTest, SaysWhoItIsAndGoodbye) {
  FakeBroker broker(loop_);
  io::TaskGroup serving(loop_);
  serving.spawn(broker.serve(1, kAccepted, ""));
  auto connection = std::make_unique<MqttConnection>(
      std::move(*connections_.open(url(broker.port()), {"me", "secret", 70000})));
  EXPECT_EQ(broker.heard, "") << "nothing goes out before the first message";
  EXPECT_EQ(publish(*connection, "topic", "payload", MqttQos::AtMostOnce), "");
  EXPECT_THAT(broker.heard, StartsWith("\x10"));
  // MQTT 3.1.1, a clean session with name and password, the longest keep-alive.
  EXPECT_THAT(broker.heard, HasSubstr(std::string("MQTT\x04\xC2\xFF\xFF\x00\x06tester\x00\x02me"
                                                  "\x00\x06secret",
                                                  28)));
  connection.reset();
  loop_.block_on(serving.drained());
  EXPECT_THAT(broker.heard, HasSubstr(std::string("\x00\x05topicpayload", 14)));
  EXPECT_TRUE(broker.heard.ends_with(std::string("\xE0\x00", 2)));
}

TEST_F(MqttTest, SaysWhyAConnectionFailed) {
  FakeBroker broker(loop_);
  io::TaskGroup serving(loop_);
  serving.spawn(broker.serve(1, std::string("\x20\x02\x00\x05", 4), "close"));
  auto connection = open(broker.port());
  EXPECT_THAT(publish(connection, "topic", "payload"),
              StartsWith("connection-failed: Connection Refused: not authori"));
  loop_.block_on(serving.drained());
  addresses_.blocked = broker.port();
  EXPECT_THAT(publish(connection, "topic", "payload"),
              StartsWith("connection-failed: no address of `127.0.0.1` is permitted"));
  const auto free = io::find_free_endpoint(
      loop_, {.family = io::Endpoint::Family::V4, .address = {127, 0, 0, 1}});
  auto nobody = open(free.value().port);
  EXPECT_THAT(publish(nobody, "topic", "payload"), StartsWith("connection-failed: "));
}

TEST_F(MqttTest, ConnectsAgainAfterTheBrokerWasLost) {
  FakeBroker broker(loop_);
  io::TaskGroup serving(loop_);
  serving.spawn(broker.serve(2, kAccepted, "close"));
  auto connection = open(broker.port());
  for (int served = 1; served <= 2; ++served) {
    // The message is not acknowledged: the broker goes.
    EXPECT_THAT(publish(connection, "topic", "payload"), StartsWith("connection-failed: "));
    EXPECT_EQ(broker.served, served);
  }
  loop_.block_on(serving.drained());
}

TEST_F(MqttTest, RefusesWhatIsNoMessage) {
  FakeBroker broker(loop_);
  io::TaskGroup serving(loop_);
  serving.spawn(broker.serve(1, kAccepted, ""));
  {
    auto connection = open(broker.port());
    EXPECT_EQ(publish(connection, "topic", std::string(1001, 'x')),
              "other: the payload exceeds 1000 bytes");
    EXPECT_EQ(publish(connection, std::string_view("a\0b", 3), "x"),
              "other: the topic contains a NUL");
    for (const std::string_view topic : {"", "a/#", "+", "\xff\xfe"}) {
      EXPECT_THAT(publish(connection, topic, "x"), StartsWith("other: ")) << topic;
    }
    EXPECT_EQ(publish(connection, "topic", std::string(1000, 'x'), MqttQos::AtMostOnce), "");
  }
  loop_.block_on(serving.drained());
}

TEST_F(MqttTest, AGuestThatGoesLeavesNothing) {
  FakeBroker broker(loop_);
  io::TaskGroup serving(loop_);
  serving.spawn(broker.serve(1, "", ""));
  auto connection = std::make_unique<MqttConnection>(open(broker.port()));
  auto wait_for = [](io::Task<Result<MqttOutcome<void>>> publishing) -> io::Task<void> {
    (void)co_await std::move(publishing);
  };
  io::BackgroundTasks guest(loop_);
  guest.spawn(wait_for(connection->publish("topic", bytes_of("x"), MqttQos::ExactlyOnce)));
  while (broker.heard.empty()) {
    loop_.block_on(io::yield(loop_));
  }
  connection.reset();
  EXPECT_EQ(connections_.open_count(), 1U) << "the call holds it";
  guest.cancel();
  loop_.block_on(serving.drained());
  EXPECT_EQ(connections_.open_count(), 0U);
}

TEST_F(MqttTest, BothInterfacesSayTheSame) {
  const testing::TestServer server("mosquitto");
  auto wait = [this](auto eventual) {
    using Eventual = decltype(eventual);
    return loop_.block_on(Eventual::wait(std::move(eventual))).take_value();
  };
  SpinMqtt old(connections_);
  SpinMqttV3 young(connections_);
  const auto address = url(server.port());
  auto one = old.connection_open(address, "", "", 0).take_value();
  auto two = wait(young.connection_open(url(server.port(), "client_id=other"), "", "", 0));
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(wait(old.connection_publish(**one, "t", bytes_of("x"), mqtt_2::Qos::AtLeastOnce)));
  EXPECT_TRUE(wait(young.connection_publish(**two, "t", bytes_of("x"), mqtt_3::Qos::ExactlyOnce)));
  EXPECT_EQ(old.connection_open("mqtt://127.0.0.1", "", "", 0).take_value().error(),
            mqtt_2::Error{mqtt_2::Error::InvalidAddress{}});
  EXPECT_EQ(wait(young.connection_open("mqtt://127.0.0.1", "", "", 0)).error(),
            mqtt_3::Error{mqtt_3::Error::InvalidAddress{}});
  EXPECT_EQ(wait(young.connection_publish(**two, "#", bytes_of("x"), mqtt_3::Qos::AtMostOnce))
                .error()
                .value.index(),
            3U);
}

TEST_F(MqttTest, TrustsNoServerWhoseCertificateTheSystemDoesNotKnow) {
  const testing::TestServer server("mosquitto");
  limit({});
  auto opened =
      connections_.open(fmt::format("mqtts://127.0.0.1:{}?client_id=a", server.tls_port()), {});
  ASSERT_TRUE(opened);
  EXPECT_THAT(publish(*opened, "topic", "x"),
              StartsWith("connection-failed: the certificate is refused: "));
  auto plain =
      connections_.open(fmt::format("mqtts://127.0.0.1:{}?client_id=a", server.port()), {});
  EXPECT_THAT(publish(*plain, "topic", "x"), StartsWith("connection-failed: ")) << "without TLS";
}

TEST_F(MqttTest, TakesNoMessageThatIsTooLarge) {
  FakeBroker broker(loop_);
  io::BackgroundTasks serving(loop_);
  // PUBLISH, of 100,000,000 bytes.
  serving.spawn(broker.serve(1, kAccepted, "\x30\x80\xc2\xd7\x2f" + std::string(20'000'000, 'x')));
  auto connection = open(broker.port());
  EXPECT_EQ(publish(connection, "topic", "x"),
            "connection-failed: the broker sent a message of more than 16777216 bytes");
}

TEST_F(MqttTest, OpensNoMoreConnectionsThanTheOperatorAllows) {
  const testing::TestServer server("mosquitto");
  limit({.mqtt_connections = 1});
  auto first = std::make_unique<MqttConnection>(open(server.port()));
  auto second = open(server.port());
  EXPECT_EQ(publish(*first, "topic", "x"), "");
  bool has_room = false;
  auto armed = loop_.deadlines().arm(std::chrono::milliseconds(50), [&] {
    has_room = true;
    first.reset();
  });
  EXPECT_EQ(publish(second, "topic", "x"), "") << "when the first is gone";
  EXPECT_TRUE(has_room);
  limit({.total_connections = 0});
  auto third = open(server.port());
  const auto refused = loop_.block_on(third.publish("topic", bytes_of("x"), MqttQos::AtMostOnce));
  EXPECT_EQ(refused->error().kind, MqttFailure::Kind::TooManyConnections);
}

}  // namespace
}  // namespace spindle::host
