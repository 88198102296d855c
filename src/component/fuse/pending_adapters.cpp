// Stands in until the generator of adapters is there, which deletes this file.

#include "component/fuse/adapter_module.h"

namespace spindle::component {

Result<AdapterModule> make_adapter_module(const InstantiationPlan&) {
  return AdapterModule{};
}

}  // namespace spindle::component
