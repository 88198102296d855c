#include "wasi/core/pollable.h"

#include <fmt/format.h>

namespace spindle::wasi {

namespace {

std::vector<uint32_t> ready_indices(std::span<Pollable* const> pollables) {
  std::vector<uint32_t> ready;
  for (uint32_t index = 0; index < pollables.size(); ++index) {
    if (pollables[index]->is_ready()) ready.push_back(index);
  }
  return ready;
}

bool take_yield_request(std::span<Pollable* const> pollables) {
  bool wanted = false;
  for (Pollable* pollable : pollables) {
    ReadySource* source = pollable->find_source();
    if (source != nullptr && source->take_yield_request()) wanted = true;
  }
  return wanted;
}

io::Task<Result<void>> wait_for(ReadySource& source) {
  if (source.take_yield_request()) co_await io::yield(source.loop());
  co_await source.wait();
  co_return Result<void>();
}

io::Task<Result<std::vector<uint32_t>>> wait_and_collect(io::EventLoop& loop,
                                                         std::vector<Pollable*> pollables,
                                                         bool yields) {
  if (yields) co_await io::yield(loop);
  std::vector<ReadySource*> sources;
  sources.reserve(pollables.size());
  for (Pollable* pollable : pollables) {
    // Without a source a pollable is ready, and so is the list.
    ReadySource* source = pollable->find_source();
    if (source == nullptr) co_return ready_indices(pollables);
    sources.push_back(source);
  }
  co_await wait_for_any(loop, sources);
  co_return ready_indices(pollables);
}

}  // namespace

bool Pollable::is_ready() {
  ReadySource* source = find_source();
  return source == nullptr || source->is_ready();
}

io::Eventual<void> Pollable::block() {
  ReadySource* source = find_source();
  if (source == nullptr) return Result<void>();
  return wait_for(*source);
}

io::Eventual<std::vector<uint32_t>> poll(io::EventLoop& loop,
                                         std::span<Pollable* const> pollables) {
  if (pollables.empty()) return Error::trap("empty poll list");
  if (pollables.size() > kPollListMax) {
    return Error::trap(
        fmt::format("poll list of {}, at most {} are permitted", pollables.size(), kPollListMax));
  }
  bool yields = take_yield_request(pollables);
  if (!yields) {
    auto ready = ready_indices(pollables);
    if (!ready.empty()) return ready;
  }
  std::vector<Pollable*> copied(pollables.begin(), pollables.end());
  return wait_and_collect(loop, std::move(copied), yields);
}

}  // namespace spindle::wasi
