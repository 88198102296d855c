#pragma once

// Abi<Stream<T>>, Abi<Future<T>>: the canonical ABI of the readable ends of streams and futures,
// which go as handles (component/host/stream.h has the types). Generated bindings include this.
//
// Support: layout and flat types, so that interfaces with streams link. Lifting and lowering one
// is an error, "streams and futures between host and guests are not supported yet".

#include "component/abi/typed.h"
#include "component/host/stream.h"

namespace spindle::component {

namespace abi_detail {

struct EndpointAbi {
  static constexpr uint32_t kSize = 4;
  static constexpr uint32_t kAlign = 4;
  static constexpr auto kFlat = kFlatTypes<FlatType::I32>;

  template <typename T>
  static Result<void> load(CallContext&, uint32_t, T&) {
    return refuse();
  }
  template <typename T>
  static Result<void> lift(CallContext&, RawReader&, T&) {
    return refuse();
  }
  template <typename T>
  static Result<void> store(CallContext&, uint32_t, T&) {
    return refuse();
  }
  template <typename T>
  static Result<void> lower(CallContext&, RawWriter&, T&) {
    return refuse();
  }

 private:
  static Error refuse() {
    return Error::not_supported(
        "streams and futures between host and guests are not supported yet");
  }
};

}  // namespace abi_detail

template <typename T>
struct Abi<Stream<T>> : abi_detail::EndpointAbi {};
template <typename T>
struct Abi<Future<T>> : abi_detail::EndpointAbi {};

}  // namespace spindle::component
