#include "component/fuse/adapter_links.h"

#include <array>
#include <string>

#include "component/fuse/function_code.h"

namespace spindle::component {
namespace {

constexpr uint8_t kFunctionType = 0x60;
constexpr uint8_t kFunctionImport = 0;
constexpr uint8_t kMemoryImport = 2;

void write_types(ByteWriter& out, const std::vector<FlatType>& types) {
  out.leb_u32(static_cast<uint32_t>(types.size()));
  for (FlatType type : types) out.u8(core_type_code(type));
}

}  // namespace

PlannedSignature adapter_helper_signature(AdapterHelper helper) {
  auto i32s = [](size_t count) { return std::vector<FlatType>(count, FlatType::I32); };
  switch (helper) {
    case AdapterHelper::Trap: return {i32s(3), {}};
    case AdapterHelper::CheckStringOfCaller:
    case AdapterHelper::CheckStringOfCallee: return {i32s(2), {}};
    case AdapterHelper::StringToCallee:
    case AdapterHelper::StringToCaller: return {i32s(2), i32s(2)};
    case AdapterHelper::EnterScope: return {{}, i32s(1)};
    case AdapterHelper::CheckScope:
    case AdapterHelper::LeaveScope: return {i32s(1), {}};
    case AdapterHelper::OwnToCallee:
    case AdapterHelper::OwnToCaller: return {i32s(2), i32s(1)};
    case AdapterHelper::BorrowToCallee: return {i32s(3), i32s(1)};
  }
  return {};
}

uint32_t AdapterLinks::type(const PlannedSignature& signature) {
  auto [found, is_new] =
      type_numbers_.try_emplace({signature.params, signature.results}, types_.size());
  if (is_new) types_.push_back(signature);
  return found->second;
}

uint32_t AdapterLinks::add_function(const AdapterImport& import,
                                    const PlannedSignature& signature) {
  auto [found, is_new] = known_.try_emplace(import, function_count_);
  if (is_new) {
    imports_.push_back(import);
    import_types_.push_back(type(signature));
    ++function_count_;
  }
  return found->second;
}

uint32_t AdapterLinks::function(FunctionSlot slot, const PlannedSignature& signature) {
  return add_function(plan_.functions[slot.value], signature);
}

uint32_t AdapterLinks::helper(AdapterHelper helper, TrampolineIndex trampoline) {
  if (helper == AdapterHelper::Trap) trampoline = {};
  return add_function(AdapterHelperImport{helper, trampoline}, adapter_helper_signature(helper));
}

uint32_t AdapterLinks::memory(MemorySlot slot) {
  const AdapterImport import = CoreItem(plan_.memories[slot.value]);
  auto [found, is_new] = known_.try_emplace(import, memory_count_);
  if (is_new) {
    imports_.push_back(import);
    import_types_.emplace_back();
    ++memory_count_;
  }
  return found->second;
}

uint32_t AdapterLinks::flags(FrameIndex frame) {
  return flags_.try_emplace(frame, static_cast<uint32_t>(flags_.size())).first->second;
}

ByteWriter AdapterLinks::type_section() const {
  ByteWriter out;
  out.leb_u32(static_cast<uint32_t>(types_.size()));
  for (const PlannedSignature& signature : types_) {
    out.u8(kFunctionType);
    write_types(out, signature.params);
    write_types(out, signature.results);
  }
  return out;
}

ByteWriter AdapterLinks::import_section() const {
  ByteWriter out;
  out.leb_u32(static_cast<uint32_t>(imports_.size()));
  for (size_t i = 0; i < imports_.size(); ++i) {
    out.name("");
    out.name(std::to_string(i));
    if (import_types_[i]) {
      out.u8(kFunctionImport);
      out.leb_u32(*import_types_[i]);
    } else {
      out.u8(kMemoryImport);
      out.u8(0);  // no maximum
      out.leb_u32(0);
    }
  }
  return out;
}

ByteWriter AdapterLinks::global_section() const {
  ByteWriter out;
  out.leb_u32(static_cast<uint32_t>(flags_.size()));
  for (size_t i = 0; i < flags_.size(); ++i) {
    out.u8(core_type_code(FlatType::I32));
    out.u8(1);  // mutable
    out.bytes(std::array<uint8_t, 3>{0x41, 0x00, 0x0b});
  }
  return out;
}

}  // namespace spindle::component
