#include "component/async/error_context.h"

#include <fmt/format.h>

#include "component/abi/typed.h"
#include "component/runtime/guest_side.h"

namespace spindle::component {
namespace {

// At most `limit` bytes, not in the middle of a character.
std::string cut(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit != 0 && (static_cast<uint8_t>(text[limit]) & 0xc0) == 0x80) --limit;
  return std::string(text.substr(0, limit));
}

Result<BuiltInStep> make(BuiltInCall& call) {
  CallSide side(call.instance, call.trampoline.frame, call.trampoline.options);
  const std::string_view message = TRY(side.load_string(call.arg(0), call.arg(1)));
  auto kept = std::make_shared<const std::string>(cut(message, ErrorContext::kMessageMax));
  const uint32_t index =
      TRY(side.handles().add_object(std::make_unique<ErrorContext>(std::move(kept))));
  call.set_result(index);
  return BuiltInStep::Done;
}

Result<BuiltInStep> debug_message(BuiltInCall& call) {
  CallSide side(call.instance, call.trampoline.frame, call.trampoline.options);
  ErrorContext* context = TRY(find_error_context(side.handles(), call.arg(0)));
  const uint32_t target = call.arg(1);
  const std::shared_ptr<const std::string> message = context->message();
  if (!side.check_pointer(target, 8, 4).has_value()) {
    return Error::trap(fmt::format("invalid debug message pointer: {:#x}", target));
  }
  std::string_view text = *message;
  TRY(Abi<std::string_view>::store(side, target, text));
  return BuiltInStep::Done;
}

Result<BuiltInStep> drop(BuiltInCall& call) {
  HandleTable& table = call.instance.handles(call.trampoline.frame);
  TRY(find_error_context(table, call.arg(0)));
  TRY(table.take_object(call.arg(0)));
  return BuiltInStep::Done;
}

constexpr BuiltIn kNew{&make, nullptr};
constexpr BuiltIn kDebugMessage{&debug_message, nullptr};
constexpr BuiltIn kDrop{&drop, nullptr};

}  // namespace

Result<ErrorContext*> find_error_context(HandleTable& table, uint32_t index) {
  TableObject* object = TRY(table.object(index));
  auto* context = dynamic_cast<ErrorContext*>(object);
  if (context != nullptr) return context;
  return Error::trap(
      fmt::format("handle index {} used with the wrong type, expected an error context", index));
}

const BuiltIn* error_context_built_in(CanonOp op) {
  switch (op) {
    case CanonOp::ErrorContextNew: return &kNew;
    case CanonOp::ErrorContextDebugMessage: return &kDebugMessage;
    case CanonOp::ErrorContextDrop: return &kDrop;
    default: return nullptr;
  }
}

}  // namespace spindle::component
