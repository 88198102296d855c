#pragma once

// HeldRequest: for tests of handlers and of what looks at requests: one without a connection or a
// body. Its head is the test's to fill.

#include <cstdlib>

#include "http/handler.h"

namespace spindle::http {

class HeldRequest final : public Request {
 public:
  const RequestHead& head() const override { return head_; }
  RequestHead& head() { return head_; }
  // Nobody asks for it.
  BodyReader& body() override { std::abort(); }
  const io::Endpoint& peer() const override { return peer_; }
  const io::Endpoint& local() const override { return peer_; }
  Scheme scheme() const override { return Scheme::Http; }
  void on_client_gone(std::move_only_function<void()>) override {}
  bool is_client_gone() const override { return false; }

 private:
  RequestHead head_;
  // 10.0.0.1:7.
  io::Endpoint peer_{.family = io::Endpoint::Family::V4, .address = {10, 0, 0, 1}, .port = 7};
};

}  // namespace spindle::http
