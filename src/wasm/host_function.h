#pragma once

// HostFunction: a function of ours that guests import.
//
// The engine calls it with raw cells, the parameters, and finds the results in the same cells. It
// runs on the guest's stack, so it stays small; it may call back into the guest (Store::call); it
// does not wait (async_call.h says how waiting is done). A returned Error ends the guest and comes
// out of the outermost call unchanged. An exception becomes an Internal error.
//
// A HostFunction is shared by many stores and linkers and must outlive them.

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "wasm/engine.h"
#include "wasm/handles.h"
#include "wasm/types.h"

namespace spindle::wasm {

// Who calls: the store, and the instance whose code made the call.
class Caller {
 public:
  Caller(Store& store, void* raw) : store_(store), raw_(raw) {}
  Store& store() const { return store_; }
  // The store's user data.
  template <typename T>
  T& data() const;
  // An export of the instance that made the call.
  std::optional<Extern> find_export(std::string_view name) const;

 private:
  Store& store_;
  void* raw_;
};

using HostCallback = Result<void> (*)(void* env, Caller& caller, std::span<RawValue> cells);

class HostFunction {
 public:
  // `env` is passed to each call; it outlives this object.
  HostFunction(FunctionType type, HostCallback callback, void* env = nullptr);

  const FunctionType& type() const { return type_; }
  HostCallback callback() const { return callback_; }
  void* env() const { return env_; }
  struct RawType;
  // The engine's form of the type. It remembers the first engine that it is used with, so for any
  // other engine (tests have several) a new one is made.
  std::shared_ptr<const RawType> raw_type(const Engine& engine) const;

 private:
  FunctionType type_;
  HostCallback callback_;
  void* env_;
  std::shared_ptr<const RawType> raw_type_;
  mutable std::atomic<uint64_t> engine_id_ = 0;
};

}  // namespace spindle::wasm
