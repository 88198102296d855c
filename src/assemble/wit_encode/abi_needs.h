#pragma once

// What calling a function takes on the core side, by the flattening rules of the canonical ABI.

#include <map>

#include "wit/model.h"

namespace spindle::assemble {

struct AbiNeeds {
  bool memory = false;
  bool realloc = false;
  bool encoding = false;
};

class AbiRules {
 public:
  explicit AbiRules(const wit::Resolve& resolve) : resolve_(resolve) {}

  // Of a guest that calls the function: an import.
  AbiNeeds of_lowering(const wit::Function& function);
  // Of a guest that implements it: an export.
  AbiNeeds of_lifting(const wit::Function& function);
  // The same for calls that do not block: results are written by a pointer, or by task.return.
  AbiNeeds of_async_lowering(const wit::Function& function);
  AbiNeeds of_async_lifting(const wit::Function& function);
  // The host refuses a task.return whose options are not those of the lifted function.
  AbiNeeds of_task_return(const wit::Function& function);
  // What a stream or a future carries, read and written by the guest.
  AbiNeeds of_reading(const std::optional<wit::Type>& payload);
  AbiNeeds of_writing(const std::optional<wit::Type>& payload);

 private:
  // How a value is passed. Numbers above kFlatMany are kept as that.
  struct Shape {
    uint32_t flat = 0;
    bool has_pointers = false;
    bool has_strings = false;
  };
  static constexpr uint32_t kFlatMany = 17;

  Shape shape(const wit::Type& type);
  Shape shape(wit::TypeId id);
  Shape shape(const wit::TypeKind& kind);
  Shape params(const wit::Function& function);
  Shape optional(const std::optional<wit::Type>& type) { return type ? shape(*type) : Shape{}; }
  static void append(Shape& whole, const Shape& part);
  static void alternate(Shape& payload, const Shape& other);

  const wit::Resolve& resolve_;
  std::map<wit::TypeId, Shape> known_;
};

}  // namespace spindle::assemble
