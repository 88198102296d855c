#pragma once

// InstantiationPlan: all that instantiating a component will do, worked out once.
//
// A component is a tree of nested components, instances, aliases and instantiations, but every one
// of them is static: running them symbolically leaves a flat list of core modules to instantiate,
// each import of which is either an export of an earlier core instance or a *trampoline*, a host
// function that the component model defines (a lowered function, a resource or async built-in).
//
//   step 0: module 1 ("shim")                         -> core instance 0
//   step 1: module 0 with "wasi:io/streams" "write" = core instance 0 "3"
//                         "[resource-drop]stream"    = trampoline 7
//   step 2: module 2 ("fixup") with "" "3"           = trampoline 4 (host call streams.write)
//
// *Frames* are the component instances that the run made, the root first: what has its own handle
// table and flags at run time. Resource types are generative, so they are numbered per run; value
// types mention those numbers, therefore types are evaluated in the environment of their frame.
// Everything is immutable and shared by all live instances of the component.

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/strong_id.h"
#include "component/values/abi_side.h"
#include "component/values/value_type.h"

namespace spindle::component {

// A step makes one core instance, so its index names that instance too.
using StepIndex = StrongId<struct StepIndexTag>;
using PlannedModuleIndex = StrongId<struct PlannedModuleIndexTag>;
using FrameIndex = StrongId<struct FrameIndexTag>;
using TrampolineIndex = StrongId<struct TrampolineIndexTag>;
using LiftIndex = StrongId<struct LiftIndexTag>;
using HostImportIndex = StrongId<struct HostImportIndexTag>;
// Core functions and memories that run-time code reaches: found once per instance.
using FunctionSlot = StrongId<struct FunctionSlotTag>;
using MemorySlot = StrongId<struct MemorySlotTag>;

struct CoreExport {
  StepIndex step;
  std::string name;
  friend auto operator<=>(const CoreExport&, const CoreExport&) = default;
};
using CoreItem = std::variant<CoreExport, TrampolineIndex>;

struct PlannedOptions {
  StringEncoding encoding = StringEncoding::Utf8;
  std::optional<MemorySlot> memory;
  std::optional<FunctionSlot> realloc;
  std::optional<FunctionSlot> post_return;
  std::optional<FunctionSlot> callback;
  bool is_async = false;  // also the immediate of cancel built-ins
};

struct PlannedSignature {
  std::vector<FlatType> params;
  std::vector<FlatType> results;
  friend bool operator==(const PlannedSignature&, const PlannedSignature&) = default;
};

// What a core module's imports of one module name are taken from.
using CoreBag = std::map<std::string, CoreItem, std::less<>>;
using CoreSource = std::variant<StepIndex, std::shared_ptr<const CoreBag>>;

struct InstantiationStep {
  PlannedModuleIndex module;
  std::map<std::string, CoreSource, std::less<>> args;
};

// Where a module comes from: bytes inside the component, or a module that the host offers.
struct PlannedModule {
  std::span<const uint8_t> bytes;
  std::string host_name;
};

struct PlannedFrame {
  std::optional<FrameIndex> parent;
  uint32_t depth = 0;
};

enum class TrampolineKind : uint8_t {
  HostCall,
  GuestCall,
  ResourceNew,
  ResourceRep,
  ResourceDrop,
  BuiltIn,
};

struct Trampoline {
  TrampolineKind kind = TrampolineKind::BuiltIn;
  // Who calls it.
  FrameIndex frame;
  PlannedSignature signature;
  PlannedOptions options;
  HostImportIndex host_import;  // HostCall
  LiftIndex lift;               // GuestCall
  ResourceIndex resource;       // Resource*
  uint8_t opcode = 0;           // BuiltIn: the code of its canon definition
  std::string name;             // for messages
  // BuiltIn: the result type of task.return; the stream or future type (not its payload).
  TypeRef type = nullptr;
  uint32_t immediate = 0;    // BuiltIn: a slot number
  bool cancellable = false;  // BuiltIn: a request to cancel the task ends its wait
};

// A core function lifted to a component function.
struct PlannedLift {
  FrameIndex frame;
  FunctionSlot callee;
  PlannedOptions options;
  FunctionType type;
  TypeRef params = nullptr;  // as one tuple
  PlannedSignature signature;
};

// A stream or future type of a function, and the C++ type that typed code has for it
// (abi/transfer_ids.h).
using TransferId = const char*;
struct TransferType {
  TransferId id = nullptr;
  TypeRef type = nullptr;
};

// A function that the root component imports.
struct HostImport {
  std::string interface_name;  // as imported; empty for a function of the root world
  std::string function_name;
  FunctionType type;
  TypeRef params = nullptr;
  // Set by resolve_imports(): what the registry offers for it.
  std::optional<uint32_t> binding;
  // Set when the component is prepared, from HostFunction::transfers.
  std::vector<TransferType> transfers;
};

struct PlannedResource {
  // The frame that defines it; absent for a resource of the host.
  std::optional<FrameIndex> owner;
  std::optional<FunctionSlot> destructor;
  std::string interface_name;  // host resources: as imported
  std::string name;
};

// A resource that an imported interface uses from another one: the host must mean the same type.
struct ResourceUse {
  ResourceIndex resource;
  std::string interface_name;
  std::string name;
};

struct PlannedExport;
using PlannedInstance = std::map<std::string, PlannedExport, std::less<>>;

struct PlannedExport {
  std::variant<std::monostate, LiftIndex, HostImportIndex, ResourceIndex, PlannedModuleIndex,
               std::shared_ptr<const PlannedInstance>>
      item;
};

struct InstantiationPlan {
  TypeTable types;
  std::vector<PlannedModule> modules;
  std::vector<PlannedFrame> frames;
  std::vector<InstantiationStep> steps;
  std::vector<Trampoline> trampolines;
  std::vector<PlannedLift> lifts;
  std::vector<HostImport> host_imports;
  std::vector<PlannedResource> resources;
  std::vector<ResourceUse> resource_uses;
  // Names of the instances that the root imports.
  std::vector<std::string> instance_imports;
  std::vector<CoreItem> functions;
  std::vector<CoreExport> memories;
  PlannedInstance exports;
};

}  // namespace spindle::component
