#pragma once

// Resources that the host implements, and the identity of resource types.
//
// A guest holds a handle: an index into its instance's HandleTable. The entry there names a
// ResourceType and a representation. For a resource of the host the representation is an index into
// the store's HostResourceTable, which owns the C++ object, derived from HostResource:
//
//   guest: handle 3  ->  HandleTable entry {type, rep 7}  ->  HostResourceTable slot 7  ->  object
//
// Two resource types are the same when their ResourceType objects are the same object. Each C++
// class of a host resource has one for the whole process (resource_type<R>()); types that a guest
// defines get one per instance, made by the runtime, which derives from ResourceType.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::component {

class HostResource {
 public:
  HostResource() = default;
  virtual ~HostResource();
  HostResource(const HostResource&) = delete;
  HostResource& operator=(const HostResource&) = delete;

  // Asked when the guest drops its handle, before the object is destroyed; an error is a trap. For
  // interfaces that forbid to drop a parent before its children.
  virtual Result<void> before_guest_drop() { return {}; }

 private:
  friend class HostResourceTable;
  static constexpr uint32_t kNoSlot = ~uint32_t{0};
  // The slot of the table that owns this object.
  uint32_t slot_ = kNoSlot;
};

struct ResourceType {
  enum class Origin : uint8_t { Host, Guest };

  // For messages: `wasi:io/streams@0.2.output-stream`.
  std::string_view name;
  Origin origin = Origin::Host;

  constexpr ResourceType(std::string_view type_name, Origin type_origin)
      : name(type_name), origin(type_origin) {}
  ResourceType(const ResourceType&) = delete;
  ResourceType& operator=(const ResourceType&) = delete;
};

// Specialized by bindings for each class of host resources:
//   template <> struct ResourceName<OutputStream> {
//     static constexpr std::string_view kValue = "wasi:io/streams@0.2.output-stream";
//   };
template <typename R>
struct ResourceName;

template <typename R>
inline constexpr ResourceType kResourceType{ResourceName<R>::kValue, ResourceType::Origin::Host};

template <typename R>
const ResourceType& resource_type() {
  return kResourceType<R>;
}

// All host resources of one store. What is left is destroyed in reverse order of creation, so that
// children go before their parents.
class HostResourceTable {
 public:
  static constexpr uint32_t kDefaultLimit = 100'000;

  explicit HostResourceTable(uint32_t limit = kDefaultLimit) : limit_(limit) {}
  ~HostResourceTable();
  HostResourceTable(const HostResourceTable&) = delete;
  HostResourceTable& operator=(const HostResourceTable&) = delete;

  Result<uint32_t> add(std::unique_ptr<HostResource> resource);
  // `rep` comes from a handle table, so it is a live slot; anything else is our own fault.
  HostResource& get(uint32_t rep) const;
  std::unique_ptr<HostResource> take(uint32_t rep);
  // The representation of an object that this table owns.
  uint32_t rep_of(const HostResource& resource) const;
  // What `resource.drop` does with an owned host resource.
  Result<void> drop(uint32_t rep);
  // Destroys everything now, newest first.
  void clear();

  uint32_t size() const { return size_; }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  // Live slots form a list in order of creation; free ones a stack through `older`.
  struct Slot {
    std::unique_ptr<HostResource> resource;
    uint32_t older = kNone;
    uint32_t newer = kNone;
  };

  std::vector<Slot> slots_;
  uint32_t newest_ = kNone;
  uint32_t free_ = kNone;
  uint32_t size_ = 0;
  uint32_t limit_;
};

}  // namespace spindle::component
