#pragma once

// What the tests of composing share: parts from WebAssembly text, what a composition imports and
// exports, and what it answers when it runs.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "assemble/compose/compose.h"
#include "component/binary/decode.h"
#include "component/binary/encode.h"
#include "component/host/host_function.h"
#include "component/runtime/instance.h"
#include "component/validate/validate.h"
#include "wasm/module.h"

namespace spindle::assemble::testing {

inline Part part(std::string name, std::string_view wat) {
  return load_part(std::move(name), wasm::wat2wasm(wat).value()).value();
}

// A component whose function `name` in the interface gives a number, or that of its import.
inline std::string constant(std::string_view interface, uint32_t value) {
  return fmt::format(R"((component
    (core module $m (func (export "get") (result i32) (i32.const {1})))
    (core instance $i (instantiate $m))
    (func $get (result u32) (canon lift (core func $i "get")))
    (instance $c (export "get" (func $get)))
    (export "{0}" (instance $c))))",
                     interface, value);
}

// Adds `more` to what it imports.
inline std::string adder(std::string_view import, std::string_view exported, uint32_t more) {
  return fmt::format(R"((component
    (import "{0}" (instance $next (export "get" (func (result u32)))))
    (core func $next (canon lower (func $next "get")))
    (core module $m
      (import "" "get" (func $get (result i32)))
      (func (export "get") (result i32) (i32.add (call $get) (i32.const {2}))))
    (core instance $i (instantiate $m (with "" (instance (export "get" (func $next))))))
    (func $get (result u32) (canon lift (core func $i "get")))
    (instance $c (export "get" (func $get)))
    (export "{1}" (instance $c))))",
                     import, exported, more);
}

inline std::vector<std::string> imports_of(const component::Component& component) {
  std::vector<std::string> names;
  for (const auto* import : PartScope(component).imports()) names.emplace_back(import->name.name);
  return names;
}

inline std::vector<std::string> exports_of(const component::Component& component) {
  std::vector<std::string> names;
  for (const auto* item : PartScope(component).exports()) names.emplace_back(item->name.name);
  return names;
}

// The message, or nothing where composing worked.
inline std::string failure(const Result<ComposedComponent>& composed) {
  return composed ? "" : composed.error().to_string();
}

// What the exported function gives when the composition, as a binary, runs without a host.
inline uint64_t run(const component::Component& composed, std::string_view interface,
                    std::string_view function) {
  static const auto engine = wasm::Engine::create({.pooling = wasm::Pooling::Off}).value();
  const std::vector<uint8_t> bytes = component::encode_component(composed);
  const component::HostRegistry registry(component::HostRegistry::Missing::TrapWhenCalled);
  auto prepared = component::PreparedComponent::create(engine, bytes, registry).value();
  auto instance = component::ComponentInstance::create_blocking(prepared, {}).value();
  const auto found = prepared->find_function(interface, function);
  EXPECT_TRUE(found) << interface << " " << function;
  return instance->call(*found, {}).value()->bits;
}

}  // namespace spindle::assemble::testing
