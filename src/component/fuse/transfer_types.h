#pragma once

// TransferTypes: what passing a value of a type from guest to guest takes, found once for each
// type. Types are shared, so this is linear in their number however large they expand.

#include <unordered_map>

#include "component/values/value_type.h"

namespace spindle::component {

class TransferTypes {
 public:
  // Streams, futures and error contexts are not.
  bool is_supported(TypeRef type);
  // Some values of the right size are not of the type, or it points elsewhere.
  bool needs_check(TypeRef type);
  // Once checked, a value in memory is passed on by copying its bytes.
  bool is_raw(TypeRef type);
  // Flat, it is passed on as it is.
  bool is_plain(TypeRef type);

 private:
  struct Facts {
    bool supported = true;
    bool needs_check = false;
    bool raw = false;
    bool plain = false;
  };
  const Facts& facts(TypeRef type);
  Facts examine(TypeRef type);
  std::unordered_map<TypeRef, Facts> known_;
};

}  // namespace spindle::component
