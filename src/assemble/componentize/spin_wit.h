#pragma once

// The interfaces of the unversioned package `fermyon:spin` as WIT text, for modules that do not say
// what they are (old_module.h). Generated from the pinned package (adapters.cmake).

#include <span>
#include <string_view>

namespace spindle::assemble {

struct SpinWit {
  std::string_view name;
  std::string_view text;
};

std::span<const SpinWit> spin_wit();

}  // namespace spindle::assemble
