#pragma once

// Tests of handlers, natively: the program is compiled for this machine, calls of the host reach
// fakes, and a test calls the handler in its own process.
//
//   #include <gtest/gtest.h>
//   #include <spindle/key_value.h>
//   #include <spindle/test.h>
//
//   TEST(Cats, AreCounted) {
//     spindle::test::App app;
//     app.variables["greeting"] = "Hello";
//     app.on("GET", "http://cats.example/all", {200, R"(["Ada"])"});
//     auto answer = app.get("/count");
//     EXPECT_EQ(answer.status, 200);
//     EXPECT_EQ(answer.body, "Hello, 1 cat");
//     EXPECT_EQ(spindle::KeyValue::open()->get("count"), "1");
//   }
//
// An App is the host while it lives; one at a time. A test prepares and looks at its state through
// the members here, or through the SDK's own classes, as the handler does. What a handler asks and
// no test has scripted is an error that says so.
//
// In CMake: find_package(SpindleCpp), then spindle_native_test(name_test test.cpp main.cpp).
//
// What differs from the real host: no limits of time and memory, one request at a time, one thread;
// global variables live on from test to test; the clock moves only in sleep_for() and answers with
// a delay; key-value writes are never refused. `spindle test` runs the component itself.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <spindle/http.h>
#include <spindle/llm.h>
#include <spindle/mqtt.h>
#include <spindle/redis.h>
#include <spindle/sql.h>

namespace spindle::test {

class Clock;
class Databases;

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  // As the handler wrote a streamed body; one piece, or none, of any other.
  std::vector<std::string> pieces;

  std::string_view header(std::string_view name) const {
    return headers.get(name).value_or(std::string_view());
  }
};

// What a client does: how many pieces of the answer it reads, before it goes away and the handler's
// next write fails; what it sends after the request's own body, and whether it breaks off then.
struct Client {
  size_t pieces_max = static_cast<size_t>(-1);
  std::vector<std::string> more = {};
  bool breaks_off = false;
};

// What a handler sent to others, in order.
struct SentRequest {
  std::string method;
  std::string url;
  http::Headers headers;
  std::string body;
};
struct SentMessage {
  std::string address;
  std::string channel;  // of MQTT, the topic
  std::string payload;
  Mqtt::Quality quality = Mqtt::Quality::AtMostOnce;  // of MQTT
};
struct SqlCall {
  std::string address;
  std::string statement;
  SqlRow parameters;
};

struct SqlAnswer {
  SqlRows rows;
  uint64_t changed = 0;
};

// A server of SQL: answers to statements that contain a text. The last one that fits counts.
class SqlScript {
 public:
  using Function = std::function<Result<SqlAnswer>(const SqlCall&)>;

  void on(std::string part, SqlAnswer answer);
  void on(std::string part, Error error);
  void on(std::string part, Function function);
  const std::vector<SqlCall>& calls() const { return calls_; }

  // What a handler's call gets.
  Result<SqlAnswer> answer(SqlCall call);

 private:
  std::vector<std::pair<std::string, Function>> answers_;
  std::vector<SqlCall> calls_;
};

// A server of Redis, which starts empty.
struct RedisData {
  using Arguments = std::vector<std::variant<int64_t, std::string>>;

  std::map<std::string, std::string> values;
  std::map<std::string, std::set<std::string>> sets;
  // Redis::execute().
  std::function<Result<std::vector<RedisReply>>(std::string_view command, const Arguments&)>
      on_command;
};

class App {
 public:
  App();
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Calls the handler of SPINDLE_HTTP. A handler that waits for something that cannot happen gives
  // status 0, and the reason as the body.
  Answer send(http::Request request, const Client& client = {});
  Answer get(std::string uri) { return send({"GET", std::move(uri)}); }
  Answer post(std::string uri, std::string body, std::string_view content_type = {});
  // Calls the handler of SPINDLE_REDIS.
  Result<void> publish(std::string_view message);

  // What the manifest and its environment would give. Denied is who is not in these.
  std::map<std::string, std::map<std::string, std::string>> stores = {{"default", {}}};
  std::set<std::string> databases = {"default"};
  std::map<std::string, std::string> variables;
  // Asked with each address and URL, as `allowed_outbound_hosts` is; everything is allowed at
  // first.
  std::function<bool(std::string_view address)> allows;

  // Answers to requests of the handler. The last one that fits counts. Only coroutines wait for the
  // delay.
  using HttpFunction = std::function<Result<http::Response>(const SentRequest&)>;
  void on(std::string method, std::string url, http::Response response,
          std::chrono::nanoseconds delay = {});
  void on(std::string method, std::string url, Error error, std::chrono::nanoseconds delay = {});
  void on(std::string method, std::string url, HttpFunction function,
          std::chrono::nanoseconds delay = {});

  SqlScript postgres;
  SqlScript mysql;
  std::map<std::string, RedisData> redis;  // by address
  std::function<Result<Inference>(std::string_view model, std::string_view prompt,
                                  const InferenceOptions&)>
      on_infer;
  std::function<Result<std::vector<std::vector<float>>>(std::string_view model,
                                                        const std::vector<std::string>& texts)>
      on_embed;

  // What happened.
  std::vector<SentRequest> requests;
  std::vector<SentMessage> published;  // to Redis
  std::vector<SentMessage> mqtt;
  // How much time has passed: it does so at once.
  std::chrono::nanoseconds elapsed() const;

  // For the fakes.
  static App& current();
  bool is_allowed(std::string_view address) const { return !allows || allows(address); }
  struct Reply {
    Result<http::Response> response;
    std::chrono::nanoseconds delay;
  };
  Reply reply(const http::Request& request);
  Clock& clock() { return *clock_; }
  Databases& sqlite() { return *sqlite_; }
  // Handles of the SDK's classes are numbers.
  int32_t open(std::string address);
  const std::string& address(int32_t handle) const;

 private:
  struct Script {
    std::string method;
    std::string url;
    HttpFunction function;
    std::chrono::nanoseconds delay;
  };

  std::vector<Script> scripts_;
  std::vector<std::string> opened_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Databases> sqlite_;
};

}  // namespace spindle::test
