// The GuestAccess of a ComponentInstance.

#include <map>

#include "component/abi/transfer_ids.h"
#include "component/async/async_state.h"
#include "component/async/guest_access.h"
#include "component/async/host_run.h"
#include "component/runtime/guest_side.h"
#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

Error no_async() {
  return Error::internal("a component without built-ins of the async ABI uses a stream or future");
}

class InstanceAccess final : public GuestAccess {
 public:
  explicit InstanceAccess(ComponentInstance& instance) : instance_(instance) {}

  void wake() override {
    if (AsyncState* state = instance_.async()) state->wake();
  }

  std::span<uint8_t> memory(const GuestBuffer& buffer) override {
    return instance_.memory(*buffer.options);
  }

  Result<void> use_side(const GuestBuffer& buffer, std::span<const TransferType> transfers,
                        SideUser use) override {
    CallSide side(instance_, buffer.frame, *buffer.options);
    side.use_transfers(transfers);
    return use(side);
  }

  Result<std::span<const TransferType>> transfers_of(const PlannedLift& lift,
                                                     std::span<const TransferId> ids) override {
    if (ids.empty()) return std::span<const TransferType>();
    const std::pair key(&lift, ids.data());
    auto found = exported_.find(key);
    if (found == exported_.end()) {
      std::vector<TransferType> transfers = TRY(match_transfers(ids, lift.type));
      found = exported_.emplace(key, std::move(transfers)).first;
    }
    return std::span<const TransferType>(found->second);
  }

  Result<void> block_on(Waitable& waitable) override {
    AsyncState* state = instance_.async();
    if (state == nullptr) return no_async();
    return state->block_on(waitable);
  }

  io::EventLoop& loop() override { return *instance_.store().loop(); }
  Result<Operation> spawn(io::Task<void> task) override {
    AsyncState* state = instance_.async();
    if (state == nullptr) return no_async();
    return state->spawn(std::move(task));
  }
  void cancel(Operation operation) override {
    if (AsyncState* state = instance_.async()) state->cancel(operation);
  }

  io::Task<void> run_guest_code(std::move_only_function<Result<void>()> body) override {
    AsyncState* state = instance_.async();
    if (state == nullptr) co_return;
    auto running = run_as_thread(*state, std::move(body));
    // A failure has been told to all callers.
    (void)co_await std::move(running);
  }
  void fail(const Error& error) override {
    instance_.poison();
    if (AsyncState* state = instance_.async()) state->fail(error);
  }

 private:
  ComponentInstance& instance_;
  std::map<std::pair<const PlannedLift*, const TransferId*>, std::vector<TransferType>> exported_;
};

}  // namespace

std::unique_ptr<GuestAccess> make_guest_access(ComponentInstance& instance) {
  return std::make_unique<InstanceAccess>(instance);
}

}  // namespace spindle::component
