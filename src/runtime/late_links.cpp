#include "runtime/late_links.h"

#include <fmt/format.h>

namespace spindle::runtime {
namespace {

class GuestCallee final : public link::Callee {
 public:
  explicit GuestCallee(std::unique_ptr<GuestInstance> guest) : guest_(std::move(guest)) {}
  component::ComponentInstance& instance() override { return guest_->component(); }

 private:
  std::unique_ptr<GuestInstance> guest_;
};

}  // namespace

GuestLinks::GuestLinks(const host::Services& services, const GuestComponent& component,
                       const GuestRequest& request)
    : services_(services),
      component_(component),
      request_(request),
      session_({.table = component.links->get(),
                .maker = this,
                .chooser = this,
                .request = request.request,
                .depth = request.depth}) {}

io::Task<Result<std::unique_ptr<link::Callee>>> GuestLinks::make(Order order) {
  const auto& callee = *static_cast<const GuestComponent*>(order.candidate.host.get());
  GuestRequest request = request_;
  request.depth = order.depth;
  auto creation = GuestInstance::create(services_, callee, request);
  auto guest = CO_TRY(co_await std::move(creation));
  co_return std::make_unique<GuestCallee>(std::move(guest));
}

Result<std::string> GuestLinks::choose(const link::LateImport& import) {
  const app::LateImport* declared = nullptr;
  for (const app::LateImport& each : component_.late_imports) {
    if (each.interfaces.front() == import.name()) declared = &each;
  }
  VERIFY(declared != nullptr);
  if (!declared->header.empty()) {
    if (auto value = request_.headers.find(declared->header)) return std::string(*value);
  }
  if (!declared->variable.empty()) {
    const auto& variables = component_.host.variables;
    auto value = variables.resolver->resolve(variables.component, declared->variable);
    if (!value) {
      return Error::not_found(fmt::format("late import `{}` is chosen by variable `{}`: {}",
                                          import.name(), declared->variable,
                                          value.error().message));
    }
    if (!value->empty()) return *value;
  }
  if (!declared->default_candidate.empty()) return declared->default_candidate;
  if (!declared->header.empty()) {
    return Error::not_found(
        fmt::format("late import `{}` is chosen by header `{}`, which the request does not have, "
                    "and there is no default",
                    import.name(), declared->header));
  }
  return Error::not_found(fmt::format(
      "no candidate of late import `{}` was chosen, and there is no default", import.name()));
}

}  // namespace spindle::runtime
