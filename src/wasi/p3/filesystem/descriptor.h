#pragma once

// The resource wasi:filesystem/types@0.3.descriptor: a descriptor of the core under a type of its
// own, so that a guest cannot pass one version's handle to the other.

#include "wasi/core/files.h"

namespace spindle::wasi::p3 {

class Descriptor final : public wasi::Descriptor {
 public:
  using wasi::Descriptor::Descriptor;
};

}  // namespace spindle::wasi::p3
