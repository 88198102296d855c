#pragma once

// What every object that a guest may hold a handle to derives from.
//
// Parent and Child express the drop order of WASI: a pollable of a stream, a stream of a body, must
// be gone before what it came from. A parent knows how many children live; a child whose parent is
// gone anyway (the instance is being torn down) sees nothing instead of a dangling pointer.

#include <cstddef>
#include <cstdint>

namespace spindle::wasi {

class HostResource {
 public:
  HostResource() = default;
  HostResource(const HostResource&) = delete;
  HostResource& operator=(const HostResource&) = delete;
  virtual ~HostResource() = default;
};

class Child;

class Parent {
 public:
  Parent() = default;
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;
  ~Parent();

  size_t child_count() const { return child_count_; }

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
