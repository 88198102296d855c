#include "component/async/passed_object.h"

#include "component/async/error_context.h"
#include "component/async/transfer.h"

namespace spindle::component {
namespace {

class PassedReadable final : public PassedObject {
 public:
  explicit PassedReadable(Readable readable) : readable_(std::move(readable)) {}

  Readable& readable() { return readable_; }

 private:
  Readable readable_;
};

class PassedErrorContext final : public PassedObject {
 public:
  explicit PassedErrorContext(std::shared_ptr<const std::string> message)
      : message_(std::move(message)) {}

  const std::shared_ptr<const std::string>& message() const { return message_; }

 private:
  std::shared_ptr<const std::string> message_;
};

Error wrong_object() {
  return Error::internal("a value is not an object of its type");
}

}  // namespace

Result<std::shared_ptr<PassedObject>> lift_passed(HandleTable& table, const ValueType& type,
                                                  uint32_t index) {
  if (type.kind == TypeKind::ErrorContext) {
    ErrorContext* context = TRY(find_error_context(table, index));
    return std::make_shared<PassedErrorContext>(context->message());
  }
  Readable readable = TRY(lift_readable(table, &type, index));
  return std::make_shared<PassedReadable>(std::move(readable));
}

Result<uint32_t> lower_passed(HandleTable& table, GuestAccess& access, const ValueType& type,
                              PassedObject& object) {
  if (type.kind == TypeKind::ErrorContext) {
    auto* context = dynamic_cast<PassedErrorContext*>(&object);
    if (context == nullptr) return wrong_object();
    return table.add_object(std::make_unique<ErrorContext>(context->message()));
  }
  auto* passed = dynamic_cast<PassedReadable*>(&object);
  if (passed == nullptr || !passed->readable()) return wrong_object();
  const GuestAccess* writer = passed->readable()->writer_access();
  // Types are those of one component's plan.
  if (passed->readable()->type() != &type || (writer != nullptr && writer != &access)) {
    return Error::not_supported("a stream or future cannot be passed on to another component yet");
  }
  return lower_readable(table, access, std::move(passed->readable()));
}

}  // namespace spindle::component
