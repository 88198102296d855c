#pragma once

// Fixture of the server's tests: a handler whose behaviour the request's path chooses, and
// exchanges of raw bytes with a server over pipes in memory.

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "http/server.h"
#include "io/deadlines.h"
#include "io/test_streams.h"

namespace spindle::http {

// The byte at each place of what /steps answers.
inline char step_byte(size_t at) {
  return static_cast<char>('a' + at % 23);
}

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class TestHandler final : public Handler {
 public:
  explicit TestHandler(io::EventLoop& loop) : loop_(loop), entered_(loop), gone_(loop) {}

  io::Eventual<void> handle(Request& request, ResponseWriter& response) override;

  io::Event& entered() { return entered_; }
  io::Event& gone() { return gone_; }
  // What /read saw, per request.
  std::vector<std::string> notes;

 private:
  io::Task<Result<void>> echo(Request& request, ResponseWriter& response);
  io::Task<Result<void>> read(Request& request, ResponseWriter& response);
  io::Task<Result<void>> stream(Request& request, ResponseWriter& response);
  io::Task<Result<void>> wait(Request& request, ResponseWriter& response);
  io::Task<Result<void>> pieces(Request& request, ResponseWriter& response);
  io::Task<Result<void>> steps(Request& request, ResponseWriter& response);
  io::Eventual<void> misbehave(std::string_view path, ResponseWriter& response);

  io::EventLoop& loop_;
  io::Event entered_;
  io::Event gone_;
};

struct Wire {
  size_t fragment = 0;  // 0: as it comes
  size_t capacity = 64 * 1024;
  std::optional<size_t> fail_at;
  bool half_close = true;
  std::shared_ptr<const TlsSlot> tls;
};

class TestServer {
 public:
  explicit TestServer(Limits limits = {}, Wire wire = {});
  ~TestServer();

  // Sends the input, reads until the server closes. `date` lines are cut out.
  std::string exchange(std::string input);
  // The client's end of a new connection.
  std::unique_ptr<io::ByteStream> connect();
  void drain(io::Clock::duration deadline = std::chrono::milliseconds(50));

  io::EventLoop loop;
  TestHandler handler;
  std::vector<std::string> errors;
  std::unique_ptr<Server> server;
  io::StreamCounts counts;
  bool drained = false;

 private:
  Wire wire_;
};

io::Task<void> send_text(io::ByteStream& stream, std::string text);
// Until the text holds `end`, or the stream ends.
io::Task<std::string> receive_until(io::ByteStream& stream, std::string end);
io::Task<std::string> receive_all(io::ByteStream& stream);
std::string without_dates(std::string text);

}  // namespace spindle::http
