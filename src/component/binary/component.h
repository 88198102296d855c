#pragma once

// Component: a decoded component binary, nothing resolved, nothing checked beyond its format.
//
// The definitions stand in binary order, which is also the order of evaluation: each may only refer
// to items that earlier ones appended to the index spaces (see indices.h). Whoever interprets a
// component walks the list once and appends:
//
//   CoreModuleDef            one core module       CanonDef Lift      one function
//   CoreInstance*            one core instance     CanonDef otherwise one core function
//   CoreTypeDef              its core types        AliasDef, ImportDef  one item of its sort
//   NestedComponentDef       one component         ExportDef          one further item of its sort
//   Instance*                one instance
//   TypeDef                  one type
//
// Names, modules and nested components are views into one buffer that every Component of the tree
// keeps alive. A Component is immutable once decoded; validate() says whether it makes sense.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "component/binary/core_types.h"
#include "component/binary/indices.h"
#include "component/binary/types.h"
#include "component/values/abi_side.h"

namespace spindle::component {

// Bytes together with whatever keeps them alive.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  std::span<const uint8_t> bytes;

  static SharedBytes own(std::vector<uint8_t> bytes);
  static SharedBytes copy_of(std::span<const uint8_t> bytes);
  // The caller keeps `bytes` alive and unchanged for as long as the component is in use.
  static SharedBytes borrow(std::span<const uint8_t> bytes) { return {nullptr, bytes}; }
};

struct Component;

// A whole core module binary.
struct CoreModuleDef {
  std::span<const uint8_t> bytes;
};

struct CoreInstantiateArg {
  std::string_view name;
  CoreInstanceIndex instance;
};
struct CoreInstantiateDef {
  CoreModuleIndex module;
  std::vector<CoreInstantiateArg> args;
};
struct CoreInlineExport {
  std::string_view name;
  SortIndex item;  // a core function, table, memory, global or tag
};
struct CoreInlineExportsDef {
  std::vector<CoreInlineExport> exports;
};

struct NestedComponentDef {
  std::shared_ptr<const Component> component;
};

struct InstantiateArg {
  std::string_view name;
  SortIndex item;
};
struct InstantiateDef {
  ComponentIndex component;
  std::vector<InstantiateArg> args;
};
struct InlineExport {
  ExternName name;
  SortIndex item;
};
struct InlineExportsDef {
  std::vector<InlineExport> exports;
};

// The opcodes of canonical definitions.
enum class CanonOp : uint8_t {
  Lift = 0x00,
  Lower = 0x01,
  ResourceNew = 0x02,
  ResourceDrop = 0x03,
  ResourceRep = 0x04,
  TaskCancel = 0x05,
  SubtaskCancel = 0x06,
  TaskReturn = 0x09,
  ContextGet = 0x0a,
  ContextSet = 0x0b,
  ThreadYield = 0x0c,
  SubtaskDrop = 0x0d,
  StreamNew = 0x0e,
  StreamRead = 0x0f,
  StreamWrite = 0x10,
  StreamCancelRead = 0x11,
  StreamCancelWrite = 0x12,
  StreamDropReadable = 0x13,
  StreamDropWritable = 0x14,
  FutureNew = 0x15,
  FutureRead = 0x16,
  FutureWrite = 0x17,
  FutureCancelRead = 0x18,
  FutureCancelWrite = 0x19,
  FutureDropReadable = 0x1a,
  FutureDropWritable = 0x1b,
  ErrorContextNew = 0x1c,
  ErrorContextDebugMessage = 0x1d,
  ErrorContextDrop = 0x1e,
  WaitableSetNew = 0x1f,
  WaitableSetWait = 0x20,
  WaitableSetPoll = 0x21,
  WaitableSetDrop = 0x22,
  WaitableJoin = 0x23,
  BackpressureInc = 0x24,
  BackpressureDec = 0x25,
  ThreadIndex = 0x26,
  ThreadNewIndirect = 0x27,
  ThreadResumeLater = 0x28,
  ThreadSuspend = 0x29,
  ThreadSuspendThenResume = 0x2a,
  ThreadYieldThenResume = 0x2b,
  ThreadSuspendThenPromote = 0x2c,
  ThreadYieldThenPromote = 0x2d,
  StreamForward = 0x2e,
  FutureForward = 0x2f,
  ThreadSpawnRef = 0x40,
  ThreadSpawnIndirect = 0x41,
  ThreadAvailableParallelism = 0x42,
};
// As WAT spells it: "resource.new", "waitable-set.wait".
std::string_view to_string(CanonOp op);

struct CanonOptions {
  std::optional<StringEncoding> encoding;  // absent: utf8
  // Also the memory immediate of waitable-set.wait and .poll.
  std::optional<CoreMemoryIndex> memory;
  std::optional<CoreFuncIndex> realloc;
  std::optional<CoreFuncIndex> post_return;
  std::optional<CoreFuncIndex> callback;
  std::optional<CoreTypeIndex> core_type;
  bool is_async = false;
  bool gc = false;
};

// One canonical definition. Each field is meant for the opcodes named beside it.
struct CanonDef {
  CanonOp op = CanonOp::Lift;
  CanonOptions options;                // Lift, Lower, TaskReturn, reads, writes, error contexts
  CoreFuncIndex core_func;             // Lift: what is lifted
  ComponentFuncIndex func;             // Lower: what is lowered
  TypeIndex type;                      // Lift: its function type; Resource*, Stream*, Future*
  std::optional<ValueTypeUse> result;  // TaskReturn
  CoreValueType slot_type;             // ContextGet, ContextSet
  uint32_t slot = 0;                   // ContextGet, ContextSet
  bool is_async = false;               // SubtaskCancel, Stream- and FutureCancel*
  bool cancellable = false;            // ThreadYield, ThreadSuspend*, WaitableSetWait, -Poll
  CoreTypeIndex core_type;             // ThreadNewIndirect, ThreadSpawn*
  CoreTableIndex table;                // ThreadNewIndirect, ThreadSpawnIndirect
};

struct ExportDef {
  ExternName name;
  SortIndex item;
  std::optional<ExternDesc> ascription;
};

struct Definition {
  uint64_t offset = 0;  // in the outermost binary
  std::variant<CoreModuleDef, CoreInstantiateDef, CoreInlineExportsDef, CoreTypeDef,
               NestedComponentDef, InstantiateDef, InlineExportsDef, AliasDef, TypeDef, CanonDef,
               ImportDef, ExportDef>
      kind;
};

// From the custom section `component-name`, for messages only.
struct ItemName {
  SortIndex item;
  std::string_view name;
};
struct ComponentNames {
  std::string_view component;
  std::vector<ItemName> items;
};

struct Component {
  std::shared_ptr<const void> owner;
  std::span<const uint8_t> bytes;
  uint64_t offset = 0;  // of `bytes` in the outermost binary
  std::vector<Definition> definitions;
  ComponentNames names;
};

}  // namespace spindle::component
