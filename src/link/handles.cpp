#include "link/handles.h"

#include <fmt/format.h>

namespace spindle::link {
namespace {

using component::DynamicValue;
using component::HostResource;
using component::HostResourceTable;
using component::ResourceIndex;
using component::TypeKind;
using component::TypeRef;
using component::TypeShape;
using component::ValueType;

class LateResource final : public HostResource {
 public:
  LateResource(LinkedInstance& callee, ResourceIndex type, uint32_t rep)
      : callee_(callee), type_(type), rep_(rep) {}

  Result<void> before_guest_drop() override {
    callee_.import->request().add_dropped({.owner = &callee_, .resource = type_, .rep = rep_});
    return {};
  }
  LinkedInstance& callee() const { return callee_; }
  uint32_t rep() const { return rep_; }

 private:
  LinkedInstance& callee_;
  ResourceIndex type_;
  uint32_t rep_;
};

// Recursion is as deep as the type, which its table bounds.
template <typename F>
Result<void> for_each_handle(const ValueType& type, DynamicValue& value, const F& visit) {
  if (!type.has_handles) return {};
  switch (type.shape) {
    case TypeShape::Handle:
      if (type.kind == TypeKind::ErrorContext) return {};
      if (type.is_object()) {
        return Error::not_supported("a late call cannot pass streams or futures yet");
      }
      return visit(type, value);
    case TypeShape::Record:
      for (size_t i = 0; i < type.members.size(); ++i) {
        TRY(for_each_handle(*type.members[i].type, value.items[i], visit));
      }
      return {};
    case TypeShape::Variant: {
      const TypeRef payload = type.members[value.bits].type;
      return payload == nullptr ? Result<void>() : for_each_handle(*payload, value.items[0], visit);
    }
    case TypeShape::List:
    case TypeShape::FixedList:
      for (DynamicValue& item : value.items) TRY(for_each_handle(*type.element, item, visit));
      return {};
    default: return {};
  }
}

}  // namespace

Result<LinkedInstance*> give_handles(HostResourceTable& resources, const ValueType& type,
                                     DynamicValue& value) {
  LinkedInstance* owner = nullptr;
  TRY(for_each_handle(
      type, value, [&](const ValueType& handle, DynamicValue& item) -> Result<void> {
        // Every resource of a late interface is one of ours.
        const auto slot = static_cast<uint32_t>(item.bits);
        auto& resource = static_cast<LateResource&>(resources.get(slot));
        if (owner != nullptr && owner != &resource.callee()) {
          return Error::trap(fmt::format("a call passes handles of both `{}` and `{}`", owner->name,
                                         resource.callee().name));
        }
        owner = &resource.callee();
        item.bits = resource.rep();
        if (handle.kind == TypeKind::Own) resources.take(slot).reset();
        return {};
      }));
  return owner;
}

Result<void> adopt_handles(HostResourceTable& resources, LinkedInstance& callee,
                           const ValueType& type, DynamicValue& value) {
  return for_each_handle(type, value,
                         [&](const ValueType& handle, DynamicValue& item) -> Result<void> {
                           item.bits = TRY(resources.add(std::make_unique<LateResource>(
                               callee, handle.resource, static_cast<uint32_t>(item.bits))));
                           return {};
                         });
}

}  // namespace spindle::link
