#pragma once

// What a request handler sees: Request, BodyReader, ResponseWriter. It is the same for every
// version of HTTP and for tests.
//
//   io::Task<Result<void>> echo(Request& request, ResponseWriter& response) {
//     ResponseHead head{.status = 200, .headers = {}};
//     CO_TRY(response.start(head, BodyLength::streamed()));
//     while (true) {
//       auto next = request.body().read();
//       auto piece = CO_TRY(co_await io::Eventual<Bytes>::wait(std::move(next)));
//       if (piece.empty()) break;
//       auto written = response.write(piece);
//       CO_TRY(co_await io::Eventual<void>::wait(std::move(written)));
//     }
//     auto end = response.finish(request.body().trailers());
//     co_return co_await io::Eventual<void>::wait(std::move(end));
//   }
//
// Both directions have back-pressure: nothing is read from the client that nobody asked for (but
// one buffer), and a write is over when the bytes are with the kernel or in a small buffer. All
// objects live until handle() is over; a handler that returns without a response means status 500,
// one that returns in the middle of a body breaks the connection.

#include <functional>
#include <optional>
#include <span>

#include "http/message.h"
#include "io/eventual.h"
#include "io/stream.h"

namespace spindle::http {

using Bytes = std::span<const uint8_t>;

class BodyReader {
 public:
  virtual ~BodyReader() = default;

  // Nothing for chunked bodies.
  virtual std::optional<uint64_t> length() const = 0;
  // The next piece, at most `max` bytes; empty at the end. The bytes are valid until the next call.
  // What arrived already is ready at once; a not-ready result that is dropped without being awaited
  // changes nothing. An error is final: the body was cut, malformed, too large or too slow.
  virtual io::Eventual<Bytes> read(size_t max = SIZE_MAX) = 0;
  // Waits until read() is ready, without taking anything.
  virtual io::Eventual<void> wait_readable() = 0;
  // A step: moves bytes that have arrived to `out`, which is not empty, without waiting. None and
  // not ended: await wait_readable().
  virtual Result<io::ReadStep> try_read(std::span<uint8_t> out);
  // After the end; otherwise empty. Valid as long as the request.
  virtual HeaderView trailers() const = 0;
  bool is_known_empty() const { return length() == 0; }
};

class Request {
 public:
  virtual ~Request() = default;

  // Views are valid as long as the request.
  virtual const RequestHead& head() const = 0;
  virtual BodyReader& body() = 0;
  virtual const io::Endpoint& peer() const = 0;
  virtual const io::Endpoint& local() const = 0;
  virtual Scheme scheme() const = 0;

  // Calls `action` once, from the loop, when the client is found to have left while the handler
  // runs, or when the server gives up waiting for the handler. The handler then ends soon. Dropped
  // with the request; a second call replaces the first.
  virtual void on_client_gone(std::move_only_function<void()> action) = 0;
  virtual bool is_client_gone() const = 0;
};

// How a response body is framed.
class BodyLength {
 public:
  static BodyLength empty() { return BodyLength(0); }
  static BodyLength known(uint64_t bytes) { return BodyLength(bytes); }
  // Unknown, unless the head has a content-length.
  static BodyLength streamed() { return BodyLength(std::nullopt); }
  std::optional<uint64_t> bytes() const { return bytes_; }

 private:
  explicit BodyLength(std::optional<uint64_t> bytes) : bytes_(bytes) {}
  std::optional<uint64_t> bytes_;
};

// start(), then write() any number of times, then finish(); or send() alone; or abort(). After an
// error the connection is as good as closed.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;

  // Checks and keeps the head (its views are not needed afterwards); it leaves with the first bytes
  // of the body, with finish(), with flush(), or at the server's next tick. An InvalidInput error
  // (status, header name or value, contradicting lengths) leaves the response unstarted: another
  // start() may follow.
  virtual Result<void> start(const ResponseHead& head, BodyLength length) = 0;
  // `bytes` live until the result is there. Small pieces are collected until the loop runs next.
  // Bytes beyond the announced length are an InvalidInput error. For HEAD, 204 and 304 the bytes
  // are dropped.
  virtual io::Eventual<void> write(Bytes bytes) = 0;
  // A step of writing, for bytes that may go away: takes a prefix of them, without waiting; none
  // when writable() has to be awaited. Otherwise as write().
  virtual Result<size_t> try_write(Bytes bytes) = 0;
  virtual io::Task<Result<void>> writable() = 0;
  // What was collected leaves now.
  virtual io::Eventual<void> flush() = 0;
  // The response is complete. Trailers are sent in chunked bodies, otherwise left out. Fewer bytes
  // than announced break the connection and are an InvalidInput error.
  virtual io::Eventual<void> finish(HeaderView trailers = {}) = 0;
  // Breaks the connection so that the client sees a cut body.
  virtual void abort() = 0;

  virtual bool is_started() const = 0;
  virtual bool is_finished() const = 0;
  // The peer must not get a body (HEAD, 204, 304): writes are dropped.
  virtual bool is_body_dropped() const = 0;

  // A complete response in one write.
  io::Eventual<void> send(const ResponseHead& head, Bytes body);
};

class Handler {
 public:
  virtual ~Handler() = default;
  // One call per request; requests of one connection come one after the other. An error is logged
  // by the server and answered with 500 if the response has not begun, else breaks the connection.
  virtual io::Eventual<void> handle(Request& request, ResponseWriter& response) = 0;
};

}  // namespace spindle::http
