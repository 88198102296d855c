#pragma once

// Func, Memory, Table, Global, Instance, Extern: names of things inside a store.
//
// They are plain values without a destructor, valid as long as their store lives, and mean nothing
// in another store: using one there stops the process, so a caller keeps them beside their store.
//
// Memory::bytes() is good until the guest runs again (it may grow its memory): never hold the span
// across a call or a co_await.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "wasm/types.h"

namespace spindle::wasm {

class Store;

// The engine's own bytes; their layout is checked where the engine's header is visible.
template <size_t Size>
struct alignas(8) HandleStorage {
  std::byte bytes[Size] = {};
};

struct Func {
  HandleStorage<16> storage;
  FunctionType type(Store& store) const;
};

struct Memory {
  HandleStorage<24> storage;
  std::span<uint8_t> bytes(Store& store) const;
  // Returns the size before, in pages.
  Result<uint64_t> grow(Store& store, uint64_t pages) const;
  // How many bytes it may still grow before the store's limit refuses. A guest that aborts with
  // little headroom has most likely run out of memory.
  uint64_t headroom(Store& store) const;
};

struct Table {
  HandleStorage<24> storage;
  uint64_t size(Store& store) const;
  // Nothing for a null entry; an error out of bounds, or where the table holds no functions.
  Result<std::optional<Func>> get(Store& store, uint64_t index) const;
  Result<void> set(Store& store, uint64_t index, std::optional<Func> func) const;
};

struct Global {
  HandleStorage<24> storage;
  // Numbers only: NotSupported for references.
  Result<RawValue> get(Store& store) const;
  Result<void> set(Store& store, RawValue value) const;
};

class Extern {
 public:
  Extern() = default;
  Extern(const Func& func);
  Extern(const Memory& memory);
  Extern(const Table& table);
  Extern(const Global& global);

  ExternKind kind() const;
  std::optional<Func> func() const;
  std::optional<Memory> memory() const;
  std::optional<Table> table() const;
  std::optional<Global> global() const;

  HandleStorage<32> storage;
};

struct Instance {
  HandleStorage<16> storage;
  std::optional<Extern> find_export(Store& store, std::string_view name) const;
  std::optional<Func> find_func(Store& store, std::string_view name) const;
  std::optional<Memory> find_memory(Store& store, std::string_view name) const;
};

}  // namespace spindle::wasm
