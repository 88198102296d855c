#pragma once

// Clients of HTTP/2 for the server's tests: one that keeps the rules (the codec in its other role),
// and frames as bytes for one that does not.

#include <map>

#include "http/h2/codec.h"
#include "http/test_fixture.h"

namespace spindle::http::h2 {

struct Reply {
  std::string status;
  std::map<std::string, std::string> fields;
  std::string body;
  std::map<std::string, std::string> trailers;
  unsigned interims = 0;
  bool is_complete = false;
  // Why the stream was closed.
  std::optional<ErrorCode> closed;
};

struct Ask {
  std::string method = "GET";
  std::string path = "/hello";
  std::string body;
  std::vector<Header> fields;
  std::vector<Header> trailers;
  // The body never ends.
  bool is_open = false;
  // Received bytes are not consumed: the window closes.
  bool is_stuck = false;
  std::string authority = "a";
};

class TestClient final : private CodecOwner {
 public:
  // A connection of the server's, with a window of `window` for each stream.
  explicit TestClient(TestServer& server, uint32_t window = 65'535)
      : TestClient(server, server.connect(), window) {}
  TestClient(TestServer& server, std::unique_ptr<io::ByteStream> wire, uint32_t window = 65'535);
  ~TestClient() override;

  StreamId ask(const Ask& wanted);
  const Reply& reply(StreamId id) const;
  // Talks until the condition holds or the server has closed.
  void talk_until(const std::function<bool()>& holds);
  // Until the stream is closed.
  const Reply& finish(StreamId id);
  const Reply& get(const std::string& path);
  void reset(StreamId id, ErrorCode code);
  // Leaves without a word.
  void close();

  bool is_closed_by_server() const { return is_over_; }
  bool has_goaway() const { return goaway_.has_value(); }
  std::optional<ErrorCode> goaway() const { return goaway_; }
  size_t body_bytes_sent() const { return body_sent_; }
  Codec& codec() { return *codec_; }

 private:
  class Stream;

  CodecStream* open_stream(StreamId) override { return nullptr; }
  void note_idle_frame() override {}
  void peer_goes_away(StreamId, ErrorCode code) override { goaway_ = code; }
  io::Task<void> read_forever();
  io::Task<void> write_all();
  io::Task<void> wait_until(const std::function<bool()>& holds);
  void push();

  TestServer& server_;
  std::unique_ptr<io::ByteStream> wire_;
  std::unique_ptr<Codec> codec_;
  io::TaskGroup tasks_;
  io::Event progress_;
  std::map<StreamId, std::unique_ptr<Stream>> streams_;
  std::string out_;
  bool is_writing_ = false;
  bool is_over_ = false;
  size_t body_sent_ = 0;
  std::optional<ErrorCode> goaway_;
};

// Frames as bytes.
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
struct Frame {
  enum Type : uint8_t {
    Data = 0,
    Headers = 1,
    Priority = 2,
    ResetStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
  };
  uint8_t type = Data;
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload;

  std::string bytes() const;
};
inline constexpr uint8_t kEndStream = 1;
inline constexpr uint8_t kAck = 1;
inline constexpr uint8_t kEndHeaders = 4;

std::string u32(uint32_t number);
// Fields without compression.
std::string block(const std::vector<std::pair<std::string, std::string>>& fields);
// A head that the server accepts, with more fields at its end.
std::string request_block(std::string path = "/hello",
                          const std::vector<std::pair<std::string, std::string>>& more = {});
// HEADERS that are whole.
std::string headers(uint32_t stream, std::string fields, uint8_t flags = kEndStream);
std::string data(uint32_t stream, std::string text, uint8_t flags = 0);
// The preface and empty SETTINGS.
std::string opening();
std::vector<Frame> parse_frames(std::string_view bytes);

}  // namespace spindle::http::h2
