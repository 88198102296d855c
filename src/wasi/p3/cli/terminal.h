#pragma once

// The terminals of wasi:cli@0.3. Components are not run on a terminal, so no object of these
// classes is ever made; the types exist because guests import them.

#include "wasi/core/resource.h"

namespace spindle::wasi::p3 {

class TerminalInput final : public HostResource {};
class TerminalOutput final : public HostResource {};

}  // namespace spindle::wasi::p3
