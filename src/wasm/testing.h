#pragma once

// What this room's tests share: one small engine with a hand-driven or a real ticker, modules from
// text, and calls with plain numbers.

#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "wasm/store.h"

namespace spindle::wasm::testing {

inline EngineOptions small_engine(Ticker ticker) {
  EngineOptions options;
  options.instances = 16;
  options.ticker = ticker;
  return options;
}

// Ticks only when a test says so.
inline const std::shared_ptr<const Engine>& manual_engine() {
  static const auto engine = Engine::create(small_engine(Ticker::Manual)).value();
  return engine;
}

inline const std::shared_ptr<const Engine>& ticking_engine() {
  static const auto engine = Engine::create(small_engine(Ticker::Thread)).value();
  return engine;
}

inline Module module_of(const std::shared_ptr<const Engine>& engine, std::string_view text) {
  return Module::compile(engine, wat2wasm(text).value()).value();
}

inline Func func_of(Store& store, const Instance& instance, std::string_view name) {
  auto func = instance.find_func(store, name);
  VERIFY(func.has_value());
  return *func;
}

// Calls with i32 parameters; the first cell is the i32 result.
inline Result<int32_t> call_i32(Store& store, const Func& func,
                                std::initializer_list<int32_t> params) {
  std::vector<RawValue> cells(std::max<size_t>(params.size(), 1));
  size_t next = 0;
  for (int32_t param : params) cells[next++] = RawValue::from_i32(param);
  TRY(store.call(func, cells));
  return cells[0].i32;
}

}  // namespace spindle::wasm::testing
