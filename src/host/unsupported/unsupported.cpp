#include "host/unsupported/unsupported.h"


namespace spindle::host {
namespace {

namespace v1 = bindings::fermyon::spin;
namespace v2 = bindings::fermyon::spin_2;

struct Row {
  const component::HostInterface& (*interface)();
  component::HostBinding (*make)(std::shared_ptr<void>& owner);
};

template <auto Interface, auto Make, auto Implement>
constexpr Row row() {
  return {Interface, [](std::shared_ptr<void>& owner) {
            auto host = Make();
            component::HostBinding binding = Implement(*host);
            owner = std::shared_ptr(std::move(host));
            return binding;
          }};
}

constexpr std::array<Row, kUnsupportedCount> kRows = {
};

}  // namespace

Unsupported::Unsupported() {
  for (size_t i = 0; i < kRows.size(); ++i) bindings_[i] = kRows[i].make(owners_[i]);
}

std::array<const component::HostInterface*, kUnsupportedCount> Unsupported::interfaces() {
  std::array<const component::HostInterface*, kUnsupportedCount> interfaces{};
  for (size_t i = 0; i < kRows.size(); ++i) interfaces[i] = &kRows[i].interface();
  return interfaces;
}

}  // namespace spindle::host
