#pragma once

// For tests of WASI 0.3: the host objects of one instance, called without a guest.

#include <gtest/gtest.h>

#include "base/testing.h"
#include "io/event_loop.h"
#include "wasi/core/test_sources.h"
#include "wasi/p3/registry.h"

namespace spindle::wasi::p3 {

class P3 : public testing::Test {
 protected:
  template <typename Host>
  Host& host(const component::HostInterface& interface) {
    if (!state_) state_.emplace(services_, guest_, instance_, gate_);
    for (const auto& binding : state_->bindings()) {
      if (binding.interface == &interface) return *static_cast<Host*>(binding.implementation);
    }
    ADD_FAILURE() << "no binding for " << interface.name;
    std::abort();
  }

  // What is there at once.
  template <typename T>
  T now(io::Eventual<T> eventual) {
    EXPECT_TRUE(eventual.is_ready());
    return eventual.take_ready().value();
  }
  // The value of a future that is there; the loop runs what is ready before.
  template <typename T>
  std::optional<T> settled(component::Future<T>& future) {
    loop_.poll();
    return future.source().take();
  }
  template <typename T>
  std::vector<T> read_all(component::Stream<T>& stream, size_t at_once) {
    std::vector<T> all;
    std::vector<T> buffer(at_once);
    while (true) {
      const auto step = loop_.block_on(stream.next(std::span(buffer)));
      std::move(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(step.count),
                std::back_inserter(all));
      if (step.is_ended) return all;
    }
  }
  std::string read_text(component::Stream<uint8_t>& stream, size_t at_once = 100) {
    const Bytes bytes = read_all(stream, at_once);
    return {bytes.begin(), bytes.end()};
  }

  io::EventLoop loop_;
  ManualClocks clocks_{{.seconds = -5, .nanoseconds = 6}};
  SeededRandom random_{1};
  Services services_{loop_, clocks_, random_};
  GuestEnvironment guest_;
  InstanceState instance_{loop_, guest_};
  ClosedGate gate_;
  // Made when it is first asked for.
  std::optional<State> state_;
};

}  // namespace spindle::wasi::p3
