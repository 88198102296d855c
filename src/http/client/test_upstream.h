#pragma once

// Upstream servers of the client's tests: what they say is scripted, connection by connection, over
// pipes in memory.

#include <string>
#include <vector>

#include "http/client/client.h"
#include "io/test_streams.h"

namespace spindle::http {

enum class Ending : uint8_t { Hold, Close, Reset };

// What a server says on one connection: an answer for each request, then the ending.
struct Script {
  std::vector<std::string> answers;
  Ending ending = Ending::Hold;
  // A request is over when this has come.
  std::string request_end = "\r\n\r\n";
};

struct UpstreamOptions {
  size_t capacity = 64 * 1024;
  size_t fragment = 0;  // 0: as it comes
  std::optional<size_t> fail_at;
  bool never_connects = false;
  Protocol protocol = Protocol::Http1;
};

// The n-th connection gets the n-th script; the last one serves all that follow.
class Upstream final : public Connector {
 public:
  Upstream(io::EventLoop& loop, std::vector<Script> scripts, UpstreamOptions options = {})
      : loop_(loop), scripts_(std::move(scripts)), options_(options), never_(loop), tasks_(loop) {}
  ~Upstream() override;

  io::Task<Outcome<Connected>> connect(const Origin& origin) override;
  // Ends all connections.
  void close();
  size_t connections() const { return received.size(); }

  // What came, a text a connection.
  std::vector<std::string> received;

 private:
  io::Task<void> serve(size_t number, std::unique_ptr<io::ByteStream> stream);

  io::EventLoop& loop_;
  std::vector<Script> scripts_;
  UpstreamOptions options_;
  io::Event never_;
  io::TaskGroup tasks_;
};

// A response as a caller of the client saw it.
struct Seen {
  uint16_t status = 0;
  std::string headers;  // `name=value;` each
  std::string body;
  std::string trailers;  // the same
  std::optional<FailureCode> failure;
  std::string message;
};

// Longer than anything that a test waits for.
inline constexpr auto kTestLimit = std::chrono::seconds(20);

struct Sent {
  std::string method = "GET";
  std::string target = "/";
  std::vector<Header> headers;
  // Nothing: no body.
  std::optional<std::string> body;
  bool is_streamed = false;
  std::vector<Header> trailers;
  Timeouts timeouts = {
      .connect = kTestLimit, .first_byte = kTestLimit, .between_bytes = kTestLimit};
  // Sizes of the reads; 0: views.
  size_t read_size = 0;
};

inline Origin test_origin(std::string host = "up") {
  return {.scheme = Scheme::Http, .host = std::move(host), .port = 80};
}

// Views of `sent`.
ClientRequest request_of(const Sent& sent, Origin origin = test_origin());
// Sends the body, and reads everything.
io::Task<Seen> finish_exchange(Outcome<std::unique_ptr<Exchange>> opened, Sent sent);
io::Task<Seen> exchange(Client& client, Sent sent, Origin origin = test_origin());

}  // namespace spindle::http
