#pragma once

// What every object that a guest may hold a handle to derives from.
//
// Parent and Child express the drop order of WASI: a pollable of a stream, a stream of a body, must
// be gone before what it came from. A parent knows how many children live; a child whose parent is
// gone anyway (the instance is being torn down) sees nothing instead of a dangling pointer.

#include <cstddef>

#include "base/result.h"
#include "component/host/resource.h"

namespace spindle::wasi {

using component::HostResource;

class Child;

class Parent {
 public:
  Parent() = default;
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;
  ~Parent();

  size_t child_count() const { return child_count_; }
  // For HostResource::before_guest_drop of a parent.
  Result<void> check_no_children() const {
    if (child_count_ == 0) return {};
    return Error::trap("cannot drop a resource that has children");
  }

 private:
  friend class Child;
  Child* first_ = nullptr;
  size_t child_count_ = 0;
};

class Child {
 public:
  explicit Child(Parent& parent);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  bool has_parent() const { return parent_ != nullptr; }

 private:
  friend class Parent;
  Parent* parent_;
  Child* previous_ = nullptr;
  Child* next_ = nullptr;
};

}  // namespace spindle::wasi
