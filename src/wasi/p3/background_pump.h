#pragma once

// write-via-stream and its kin: a pump (wasi/core/byte_pump.h) that goes on in the background, and
// a future of how it ended.

#include "component/host/stream.h"
#include "wasi/core/byte_pump.h"
#include "wasi/core/instance_state.h"

namespace spindle::wasi::p3 {

namespace pump_detail {

template <typename Outcome>
io::Task<void> settle(io::Task<FileResult<void>> work, component::Promise<Outcome> promise,
                      Outcome (*to_interface)(FileResult<void>)) {
  auto outcome = co_await std::move(work);
  promise.set(to_interface(outcome));
}

}  // namespace pump_detail

// `Outcome` is the interface's result, which `to_interface` makes. A guest that does not want to
// know may drop the future; the pump goes on.
template <typename Outcome>
component::Future<Outcome> pump_in_background(io::EventLoop& loop, InstanceState& instance,
                                              component::Stream<uint8_t> data,
                                              std::unique_ptr<ByteTaker> taker,
                                              Outcome (*to_interface)(FileResult<void>)) {
  auto [promise, future] = component::make_future<Outcome>(loop);
  instance.background.spawn(pump_detail::settle<Outcome>(
      pump(loop, std::move(data), std::move(taker)), std::move(promise), to_interface));
  return std::move(future);
}

}  // namespace spindle::wasi::p3
