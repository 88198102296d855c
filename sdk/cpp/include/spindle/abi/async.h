#pragma once

// Asynchronous calls in both directions, over the callback form of the ABI of WASI 0.3.
//
// An export runs as an Activity: the task of its call, and those that were spawned meanwhile. It
// runs until all of them wait, then the host gets the set of what they wait for; each event resumes
// the coroutine that waits for it. The activity is over when all of its tasks are.
//
// A task that is dropped while it waits cancels what it waits for: destructors of its frame do
// that.

#include <spindle/abi/calls.h>
#include <spindle/task.h>

#include <coroutine>
#include <memory>
#include <vector>

namespace spindle::abi {

// Of this state or later, an import has its result; earlier, it has a subtask.
enum class SubtaskState : uint32_t { Starting, Started, Returned, CanceledEarly, Canceled };

// Somebody who waits for an event of `waitable`: a subtask, an end of a stream or a future.
class Waiter {
 public:
  explicit Waiter(uint32_t waitable) : waitable_(waitable) {}
  Waiter(const Waiter&) = delete;
  ~Waiter();

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting);
  // The code of the event.
  uint32_t await_resume() const { return code_; }

 private:
  friend class Activity;
  uint32_t waitable_;
  uint32_t code_ = 0;
  std::coroutine_handle<> waiting_;
};

// Runs beside the task that spawns it; its export's call is over when this is, too.
void spawn(Task<void> task);

// For generated code: an export's call begins, and goes on. Both give the code for the host.
int32_t begin(Task<void> task);
int32_t resume(int32_t event, int32_t waitable, int32_t code);

// What the host has written into memory, for a coroutine that is gone.
using Discard = void (*)(Byte* values, uint32_t count);

// Takes values out of memory, so that what they own is freed.
template <typename T>
void discard(Byte* values, uint32_t count) {
  if constexpr (!std::is_void_v<T>) {
    for (uint32_t i = 0; i < count; ++i) (void)Abi<T>::load(values + i * Abi<T>::kSize);
  }
}
template <typename T>
constexpr Discard kDiscard =
    std::is_void_v<T> || std::is_trivially_destructible_v<T> ? nullptr : &discard<T>;

// Drops the subtask; cancels it where nobody has seen its end. A result that came all the same is
// discarded.
class Subtask {
 public:
  Subtask(uint32_t handle, Byte* result, Discard discard)
      : handle_(handle), result_(result), discard_(discard) {}
  Subtask(const Subtask&) = delete;
  ~Subtask();

  void set_state(uint32_t state) { state_ = static_cast<SubtaskState>(state); }
  bool is_over() const { return state_ >= SubtaskState::Returned; }
  uint32_t handle() const { return handle_; }

 private:
  uint32_t handle_;
  Byte* result_;
  Discard discard_;
  SubtaskState state_ = SubtaskState::Starting;
};

template <typename R>
struct ResultArea {
  alignas(8) Byte bytes[Abi<R>::kSize];
};
template <>
struct ResultArea<void> {
  Byte* bytes = nullptr;
};

template <typename R, typename... Ps, typename... Core>
Task<R> call_async(int32_t (*function)(Core...), Ps... params) {
  Arena arena;
  ResultArea<R> area;
  Slot slots[sizeof...(Core) + 1] = {};
  Slot* to = slots;
  lower_params<kMaxFlatAsyncParams, Ps...>(to, arena, params...);
  *to++ = address_of(area.bytes);
  const auto status = static_cast<uint32_t>(invoke(function, slots));
  if (static_cast<SubtaskState>(status & 0xf) != SubtaskState::Returned) {
    Subtask subtask(status >> 4, area.bytes, kDiscard<R>);
    while (!subtask.is_over()) {
      Waiter waiter(subtask.handle());
      const uint32_t state = co_await waiter;
      subtask.set_state(state);
    }
  }
  if constexpr (!std::is_void_v<R>) co_return Abi<R>::load(area.bytes);
}

template <typename R, typename... Ps, typename... Core>
Task<void> answer(auto function, void (*give)(Core...), std::tuple<Ps...> params) {
  Arena arena;
  Slot slots[sizeof...(Core) + 1] = {};
  Slot* to = slots;
  if constexpr (std::is_void_v<R>) {
    co_await std::apply(function, std::move(params));
    invoke(give, slots);
  } else {
    R result = co_await std::apply(function, std::move(params));
    lower_params<kMaxFlatParams, R>(to, arena, result);
    invoke(give, slots);
  }
}

template <typename R, typename... Ps, typename... Core>
int32_t serve_async(auto function, void (*give)(Core...), const Slot* slots) {
  return begin(answer<R, Ps...>(function, give, lift_params<Ps...>(slots)));
}

}  // namespace spindle::abi
