#include "component/fuse/adapter_call.h"

#include <algorithm>

namespace spindle::component {
namespace {

constexpr uint32_t kFlatParamsMax = 16;

bool spills_params(const PlannedLift& lift) {
  return lift.params->flat_count > kFlatParamsMax;
}
bool spills_result(const PlannedLift& lift) {
  return lift.type.result != nullptr && lift.type.result->flat_count > 1;
}

bool uses_memory(const PlannedLift& lift) {
  const bool has_pointers =
      lift.params->has_pointers || (lift.type.result != nullptr && lift.type.result->has_pointers);
  return has_pointers || spills_params(lift) || spills_result(lift);
}

PlannedSignature realloc_signature() {
  return {std::vector<FlatType>(4, FlatType::I32), {FlatType::I32}};
}

// All that generated code would use of one side is of a kind that it knows.
bool are_known(const PlannedOptions& options, CoreItems& items) {
  return (!options.memory || items.is_memory(*options.memory)) &&
         (!options.realloc || items.is_function(*options.realloc, realloc_signature()));
}
bool are_known(const PlannedLift& lift, CoreItems& items) {
  const PlannedSignature& signature = lift.signature;
  return items.is_function(lift.callee, signature) && are_known(lift.options, items) &&
         (!lift.options.post_return ||
          items.is_function(*lift.options.post_return, {signature.results, {}}));
}

class AdapterCall {
 public:
  AdapterCall(const AdapterCallContext& context, AdapterLinks& links, TransferTypes& types,
              TrampolineIndex index)
      : context_(context),
        links_(links),
        types_(types),
        trampoline_(context.plan.trampolines[index.value]),
        lift_(context.plan.lifts[trampoline_.lift.value]),
        code_(trampoline_.signature.params),
        caller_{trampoline_.frame, &trampoline_.options, leave_flags(trampoline_.frame)},
        callee_{lift_.frame, &lift_.options, leave_flags(lift_.frame)},
        out_{index, TransferKind::ToCallee, caller_, callee_, {}},
        back_{index, TransferKind::ToCaller, callee_, caller_, {}},
        to_callee_(code_, links, types, out_, context.limit),
        to_caller_(code_, links, types, back_, context.limit) {}

  std::optional<ByteWriter> write() {
    if (is_forwarder()) return forward();
    if (context_.has_exceptions) {
      code_.block();
      code_.begin_try();
    }
    check_entry();
    if (lift_.params->has_borrow) enter_scope();
    set_entered();
    pass_params();
    call();
    if (lift_.type.result != nullptr) check_result();
    if (out_.scope) scope_helper(AdapterHelper::CheckScope);
    if (lift_.type.result != nullptr) copy_result();
    post_return();
    if (out_.scope) scope_helper(AdapterHelper::LeaveScope);
    clear_entered();
    for (CodeLocal result : results_) code_.get(result);
    if (context_.has_exceptions) stop_exceptions();
    if (to_callee_.is_full()) return std::nullopt;
    return code_.finish();
  }

 private:
  // Nothing to look at, nothing to change: merging modules makes the call direct.
  bool is_forwarder() const {
    const std::vector<FrameIndex> entered =
        newly_entered(context_.plan, caller_.frame, callee_.frame);
    const bool has_flags = caller_.flags || std::ranges::any_of(entered, [this](FrameIndex frame) {
                             return context_.flags.entered[frame.value];
                           });
    return !has_flags && !context_.has_exceptions && !lift_.options.post_return &&
           !spills_params(lift_) && types_.is_plain(lift_.params) &&
           (lift_.type.result == nullptr ||
            (types_.is_plain(lift_.type.result) && !spills_result(lift_)));
  }

  ByteWriter forward() {
    for (size_t i = 0; i < lift_.signature.params.size(); ++i) code_.get(code_.param(i));
    code_.call(links_.function(lift_.callee, lift_.signature));
    return code_.finish();
  }

  std::optional<uint32_t> leave_flags(FrameIndex frame) {
    if (!context_.flags.leave[frame.value]) return std::nullopt;
    return links_.flags(frame);
  }

  std::vector<CodeLocal> locals(std::span<const FlatType> types) {
    std::vector<CodeLocal> made;
    for (FlatType type : types) made.push_back(code_.local(type));
    return made;
  }

  void check_entry() {
    auto check = [this](FrameIndex frame, uint32_t bit, AdapterTrap trap) {
      code_.get_global(links_.flags(frame));
      code_.i32(bit);
      code_.op(Op::I32And);
      trap_if(code_, links_, trap);
    };
    if (caller_.flags) check(caller_.frame, kFlagMayNotLeave, AdapterTrap::CannotLeave);
    for (FrameIndex frame : newly_entered(context_.plan, caller_.frame, callee_.frame)) {
      if (!context_.flags.entered[frame.value]) continue;
      entered_.push_back(frame);
      check(frame, kFlagEntered, AdapterTrap::CannotEnter);
    }
  }
  void set_entered() {
    for (FrameIndex frame : entered_) set_flag(code_, links_.flags(frame), kFlagEntered);
  }
  void clear_entered() {
    for (FrameIndex frame : entered_) clear_flag(code_, links_.flags(frame), kFlagEntered);
  }

  void enter_scope() {
    out_.scope = code_.local(FlatType::I32);
    code_.call(links_.helper(AdapterHelper::EnterScope, out_.trampoline));
    code_.set(*out_.scope);
  }
  void scope_helper(AdapterHelper helper) {
    code_.get(*out_.scope);
    code_.call(links_.helper(helper, out_.trampoline));
  }

  void pass_params() {
    const ValueType& params = *lift_.params;
    if (spills_params(lift_)) {
      const CodeLocal from = code_.param(0);
      to_callee_.check_sent_pointer(&params, from);
      to_callee_.check_memory(&params, {from, 0});
      code_.i32(params.size);
      const CodeLocal to = to_callee_.allocate(params.align);
      to_callee_.copy_memory(&params, {from, 0}, {to, 0});
      args_ = {to};
      return;
    }
    std::vector<CodeLocal> from;
    for (size_t i = 0; i < params.flat_count; ++i) from.push_back(code_.param(i));
    args_ = locals(params.flat);
    to_callee_.check_flat(&params, from);
    to_callee_.copy_flat(&params, from, args_);
  }

  void call() {
    for (CodeLocal arg : args_) code_.get(arg);
    code_.call(links_.function(lift_.callee, lift_.signature));
    returned_ = locals(lift_.signature.results);
    for (size_t i = returned_.size(); i > 0; --i) code_.set(returned_[i - 1]);
  }

  void check_result() {
    const TypeRef type = lift_.type.result;
    if (!spills_result(lift_)) return to_caller_.check_flat(type, returned_);
    to_caller_.check_sent_pointer(type, returned_[0]);
    to_caller_.check_memory(type, {returned_[0], 0});
  }

  void copy_result() {
    const TypeRef type = lift_.type.result;
    if (!spills_result(lift_)) {
      results_ = locals(type->flat);
      return to_caller_.copy_flat(type, returned_, results_);
    }
    const CodeLocal to = code_.param(trampoline_.signature.params.size() - 1);
    to_caller_.check_received_pointer(type, to);
    to_caller_.copy_memory(type, {returned_[0], 0}, {to, 0});
  }

  void post_return() {
    if (!lift_.options.post_return) return;
    if (callee_.flags) set_flag(code_, *callee_.flags, kFlagMayNotLeave);
    for (CodeLocal result : returned_) code_.get(result);
    code_.call(links_.function(*lift_.options.post_return, {lift_.signature.results, {}}));
    if (callee_.flags) clear_flag(code_, *callee_.flags, kFlagMayNotLeave);
  }

  void stop_exceptions() {
    code_.op(Op::Return);
    code_.end();
    code_.op(Op::Unreachable);
    code_.end();
    trap_always(code_, links_, AdapterTrap::UncaughtException);
  }

  const AdapterCallContext& context_;
  AdapterLinks& links_;
  TransferTypes& types_;
  const Trampoline& trampoline_;
  const PlannedLift& lift_;
  FunctionCode code_;
  AdapterEnd caller_;
  AdapterEnd callee_;
  TransferEnds out_;
  TransferEnds back_;
  ValueTransfer to_callee_;
  ValueTransfer to_caller_;
  std::vector<FrameIndex> entered_;
  std::vector<CodeLocal> args_;
  std::vector<CodeLocal> returned_;
  std::vector<CodeLocal> results_;
};

}  // namespace

bool is_adaptable(const InstantiationPlan& plan, const Trampoline& trampoline, TransferTypes& types,
                  CoreItems& items) {
  if (trampoline.kind != TrampolineKind::GuestCall || trampoline.options.is_async) return false;
  const PlannedLift& lift = plan.lifts[trampoline.lift.value];
  if (lift.options.is_async || !types.is_supported(lift.params)) return false;
  if (lift.type.result != nullptr && !types.is_supported(lift.type.result)) return false;
  // Two ends of one frame share memory and handles: what the first pass has checked, the second
  // pass could change.
  const bool has_handles =
      lift.params->has_handles || (lift.type.result != nullptr && lift.type.result->has_handles);
  if (trampoline.frame == lift.frame && (uses_memory(lift) || has_handles)) return false;
  return are_known(lift, items) && are_known(trampoline.options, items);
}

std::optional<ByteWriter> adapter_call(const AdapterCallContext& context, AdapterLinks& links,
                                       TransferTypes& types, TrampolineIndex trampoline) {
  return AdapterCall(context, links, types, trampoline).write();
}

}  // namespace spindle::component
