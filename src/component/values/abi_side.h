#pragma once

// AbiSide: one side of a canonical ABI call as the generic lift and lower see it: a memory, an
// allocator, a string encoding, and a table of handles. The runtime implements it for a component
// instance during one call.
//
// Guest memory may move or grow whenever realloc() runs, so memory() is asked again afterwards.

#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "component/values/value_type.h"

namespace spindle::component {

enum class StringEncoding : uint8_t { Utf8, Utf16, Latin1OrUtf16 };

struct ReallocRequest {
  uint32_t old_pointer = 0;
  uint32_t old_size = 0;
  uint32_t align = 1;
  uint32_t new_size = 0;
};

// A stream, future or error context on its way from one side to the other. Its holder lets go of
// it by destroying it.
class PassedObject {
 public:
  virtual ~PassedObject();
};

class AbiSide {
 public:
  explicit AbiSide(StringEncoding encoding) : encoding_(encoding) {}
  virtual ~AbiSide() = default;
  AbiSide(const AbiSide&) = delete;
  AbiSide& operator=(const AbiSide&) = delete;

  virtual std::span<uint8_t> memory() = 0;
  // What the guest's function returned, unchecked; allocate() checks it.
  virtual Result<uint32_t> realloc(const ReallocRequest& request) = 0;
  // A representation for a handle index that this side passes, and the other way round.
  virtual Result<uint64_t> lift_handle(const ValueType& type, uint32_t index) = 0;
  virtual Result<uint32_t> lower_handle(const ValueType& type, uint64_t representation) = 0;
  // The same for streams, futures and error contexts.
  virtual Result<std::shared_ptr<PassedObject>> lift_object(const ValueType& type, uint32_t index);
  virtual Result<uint32_t> lower_object(const ValueType& type, PassedObject& object);

  StringEncoding encoding() const { return encoding_; }
  // realloc, and the result must be aligned and in bounds.
  Result<uint32_t> allocate(const ReallocRequest& request);
  // Bytes of host memory that lifting may still take.
  uint64_t& fuel() { return fuel_; }

 private:
  StringEncoding encoding_;
  uint64_t fuel_ = kFuel;
  static constexpr uint64_t kFuel = uint64_t{1} << 30;
};

}  // namespace spindle::component
