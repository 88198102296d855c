#include "component/abi/transfer_ids.h"

#include <algorithm>

namespace spindle::component {
namespace {

// Pairs ids with types in order; more types than ids end the walk.
class Matcher {
 public:
  explicit Matcher(std::span<const TransferId> ids) : ids_(ids) {}

  void visit(TypeRef type) {
    if (type == nullptr || !type->has_handles || is_done()) return;
    if (type->kind == TypeKind::Stream || type->kind == TypeKind::Future) {
      if (next_ == ids_.size()) {
        has_more_ = true;
        return;
      }
      add({ids_[next_++], type});
    }
    visit(type->element);
    for (const TypeMember& member : type->members) visit(member.type);
  }

  bool fits() const { return next_ == ids_.size() && !has_more_ && !differs_; }
  std::vector<TransferType> take() { return std::move(found_); }

 private:
  bool is_done() const { return has_more_ || differs_; }

  void add(TransferType transfer) {
    const auto known = std::ranges::find(found_, transfer.id, &TransferType::id);
    if (known == found_.end()) return found_.push_back(transfer);
    differs_ = known->type != transfer.type;
  }

  std::span<const TransferId> ids_;
  std::vector<TransferType> found_;
  size_t next_ = 0;
  bool has_more_ = false;
  // One C++ type stands for two types.
  bool differs_ = false;
};

}  // namespace

Result<std::vector<TransferType>> match_transfers(std::span<const TransferId> ids,
                                                  const FunctionType& type) {
  if (ids.empty()) return std::vector<TransferType>();
  Matcher matcher(ids);
  for (const FunctionParam& param : type.params) matcher.visit(param.type);
  matcher.visit(type.result);
  if (!matcher.fits()) {
    return Error::internal("bindings do not have the streams and futures of the function's type");
  }
  return matcher.take();
}

}  // namespace spindle::component
