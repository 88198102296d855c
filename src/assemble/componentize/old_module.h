#pragma once

// Modules of Spin's first SDKs (0.x and 1.x), from before components.
//
//   module imports                       means
//   wasi-outbound-http  request          fermyon:spin/http  send-request
//   outbound-redis      get              fermyon:spin/redis  get
//   exports
//   handle-http-request                  fermyon:spin/inbound-http  handle-request
//   handle-redis-message                 fermyon:spin/inbound-redis  handle-message
//
// The core signatures are those of the unversioned package `fermyon:spin`, so that new names are
// all that such a module needs to be one that says its world. What it returns is not freed after a
// call (`canonical_abi_free`): instances of these guests serve one request.

#include "assemble/componentize/core_part.h"
#include "assemble/componentize/make_component.h"

namespace spindle::assemble {

// By its exports.
bool is_old_module(const CorePart& part);

struct OldModule {
  std::vector<uint8_t> bytes;  // with the new names
  wit::Resolve resolve;
  wit::WorldId world;
};

// `part` views the module.
Result<OldModule> modernize(const CorePart& part);

}  // namespace spindle::assemble
