#pragma once

// Pollable: a guest's handle to something it waits for (wasi:io/poll).
//
// It refers to a stream that the guest holds too (its parent) or owns what it waits for (a timer).
// A pollable whose parent is gone is ready: whoever asks the stream learns the rest.

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "io/eventual.h"
#include "wasi/core/ready.h"
#include "wasi/core/resource.h"

namespace spindle::wasi {

// The most pollables in one call of poll; more is a trap.
inline constexpr size_t kPollListMax = 16384;

class Pollable final : public HostResource {
 public:
  explicit Pollable(ReadySource& source) : source_(&source), link_(source) {}
  explicit Pollable(std::unique_ptr<ReadySource> source)
      : owned_(std::move(source)), source_(owned_.get()), link_(*source_) {}

  bool is_ready();
  io::Eventual<void> block();
  // Nothing when the parent is gone.
  ReadySource* find_source() { return link_.has_parent() ? source_ : nullptr; }

 private:
  std::unique_ptr<ReadySource> owned_;
  ReadySource* source_;
  Child link_;
};

// The indices of those that are ready, once at least one is. An empty list traps.
io::Eventual<std::vector<uint32_t>> poll(io::EventLoop& loop, std::span<Pollable* const> pollables);

}  // namespace spindle::wasi
