#pragma once

// Exchange: one request and its response; the client's unit of work, whatever carries it.
//
//   auto exchange = CO_TRY(co_await client.open(request));
//   ... exchange->request(): write the body and finish(), perhaps from another task
//   CO_TRY(co_await exchange->receive_head());
//   ... exchange->response(): status(), headers(), read the body, trailers()
//
// The two directions go on independently; dropping the exchange gives up what is left of both.

#include "http/client/outcome.h"
#include "http/handler.h"

namespace spindle::http {

// The request's direction: body, then trailers.
//
//   while (...) {
//     const size_t count = CO_TRY(sink.try_write(bytes));        // a step
//     if (count == 0) CO_TRY(co_await sink.writable());          // a wait
//   }
//   CO_TRY(co_await sink.finish());
//
// The head leaves with the first bytes of the body, with flush() or with finish(). An error is
// final.
class RequestSink {
 public:
  virtual ~RequestSink() = default;

  // A step: how many bytes it took. 0: await writable().
  virtual Outcome<size_t> try_write(Bytes bytes) = 0;
  virtual io::Task<Outcome<void>> writable() = 0;
  // `bytes` live until the result is there.
  io::Task<Outcome<void>> write(Bytes bytes);
  // What was collected leaves now.
  virtual io::Task<Outcome<void>> flush() = 0;
  // The request is complete. Trailers are sent where the body's framing has room for them. Fewer
  // bytes than announced break the exchange. `trailers` live until the result is there.
  virtual io::Task<Outcome<void>> finish(HeaderView trailers = {}) = 0;
  // The request stays incomplete: the server sees a cut body.
  virtual void abort() = 0;
};

// The response's direction. Status and headers may be read after receive_head(), as long as the
// exchange lives.
class IncomingResponse : public BodyReader {
 public:
  virtual uint16_t status() const = 0;
  virtual HeaderView headers() const = 0;
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  // A request without one is complete already.
  virtual bool has_body() const = 0;
  virtual RequestSink& request() = 0;
  // Once; response() may be used afterwards.
  virtual io::Task<Outcome<void>> receive_head() = 0;
  virtual IncomingResponse& response() = 0;
};

}  // namespace spindle::http
