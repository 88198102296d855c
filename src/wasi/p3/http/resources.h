#pragma once

// The resources of wasi:http/types@0.3: lists of fields, requests, responses, options.
//
// A message is the same thing whoever made it: the server or a client, whose bodies the host reads
// from a connection, or a guest, whose body is a stream of the guest's. Passing it on passes the
// ends of its streams on: nothing is read on the way.
//
// Headers and options of a message do not change any more once they are part of it; handles that a
// guest gets of them stay valid when the message is gone.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "wasi/core/http/fields.h"
#include "wasi/core/http/received.h"
#include "wasi/core/http/request_timeouts.h"
#include "wasi/core/resource.h"

namespace spindle::wasi::p3 {

class Fields final : public wasi::Fields {
 public:
  using wasi::Fields::Fields;
};

class RequestOptions final : public HostResource {
 public:
  explicit RequestOptions(RequestTimeouts made = {}, Mutability mutability = Mutability::Mutable)
      : timeouts(made), is_mutable(mutability == Mutability::Mutable) {}

  RequestTimeouts timeouts;
  bool is_mutable;
};

// Contents and trailers, and who is told what became of them (message_body.h).
struct MessageBody;

class Message : public HostResource {
 public:
  Message(std::shared_ptr<const SharedHeaders> headers, MessageBody body);
  ~Message() override;

  const std::shared_ptr<const SharedHeaders>& headers() const { return headers_; }
  // Leaves nothing.
  MessageBody take_body();

 private:
  std::shared_ptr<const SharedHeaders> headers_;
  std::unique_ptr<MessageBody> body_;
};

class Request final : public Message {
 public:
  using Message::Message;

  std::string method = "GET";
  std::optional<std::string> path_with_query;
  std::optional<std::string> scheme;  // lower case
  std::optional<std::string> authority;
  std::optional<RequestTimeouts> options;
};

class Response final : public Message {
 public:
  using Message::Message;

  uint16_t status = 200;
};

}  // namespace spindle::wasi::p3
