#include "link/plain.h"

namespace spindle::link {
namespace {

class PlainCallee final : public Callee {
 public:
  explicit PlainCallee(std::unique_ptr<component::ComponentInstance> instance)
      : instance_(std::move(instance)) {}
  component::ComponentInstance& instance() override { return *instance_; }

 private:
  std::unique_ptr<component::ComponentInstance> instance_;
};

}  // namespace

io::Task<Result<std::unique_ptr<Callee>>> PlainCallees::make(Order order) {
  ++count_;
  const auto& prepared = order.candidate.prepared;
  std::vector<void*> implementations(prepared->interfaces().size());
  if (implementations_) implementations = implementations_(*prepared);
  component::InstanceOptions options = options_;
  options.implementations = implementations;
  options.store.cpu_budget = std::min(options.store.cpu_budget, order.request.budget().remaining());
  auto creation = component::ComponentInstance::create(prepared, options);
  auto instance = CO_TRY(co_await std::move(creation));
  co_return std::make_unique<PlainCallee>(std::move(instance));
}

}  // namespace spindle::link
