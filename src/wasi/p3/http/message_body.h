#pragma once

// MessageBody: what follows the head of a message of wasi:http@0.3.
//
//   contents    a stream of bytes, without source where there are none
//   trailers    resolves when the contents are over; without source there are none
//   outcome     whom to tell what became of the message: the future that `new` gave its maker
//
// An Outcome is settled by the host that sent the message, or follows what a guest says that
// consumed it. One that is dropped says that all went well.

#include <expected>
#include <memory>
#include <optional>

#include "bindings/wasi/http_0_3/types.h"
#include "component/host/stream.h"
#include "wasi/core/http/received_body.h"
#include "wasi/p3/http/resources.h"

namespace spindle::wasi::p3 {

using ErrorCode = bindings::wasi::http_0_3::types::ErrorCode;
using BodyStream = component::Stream<uint8_t>;
using Trailers = std::expected<std::optional<std::unique_ptr<Fields>>, ErrorCode>;
using TrailersFuture = component::Future<Trailers>;
using Transmission = std::expected<void, ErrorCode>;
using TransmissionFuture = component::Future<Transmission>;

class Outcome {
 public:
  // For messages whose maker does not ask.
  Outcome() = default;
  explicit Outcome(io::EventLoop& loop);
  ~Outcome();
  Outcome(Outcome&& other) noexcept = default;
  Outcome& operator=(Outcome&& other) noexcept;

  // The reading end, once.
  TransmissionFuture future();
  void settle(Transmission outcome);
  // Whoever has the other end of `said` settles it.
  void follow(TransmissionFuture said);

 private:
  struct State;
  class Source;
  std::shared_ptr<State> state_;
};

struct MessageBody {
  BodyStream contents;
  TrailersFuture trailers;
  Outcome outcome;
  // Of contents, where it is known before they are read.
  std::optional<uint64_t> length;
};

// The body of a message that the host received. Whoever made `body` detaches it before its
// connection goes.
MessageBody received_body(std::shared_ptr<ReceivedBody> body);

}  // namespace spindle::wasi::p3
