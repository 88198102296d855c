#pragma once

// Handles as C++ objects, and how they travel.
//
//   class R : Resource<R>          owned, imported: moved, dropped at the end
//   Borrow<R>                      borrowed, imported
//   Own<R>                         owned, exported by this guest: an object behind a handle
//   std::reference_wrapper<R>      borrowed, exported: the object itself

#include <spindle/abi/values.h>

namespace spindle::abi {

// Marks the constructor that takes over a handle.
struct Adopt {
  int32_t handle;
};

// The base of a resource's class R, which has `static void drop_handle(int32_t)`. Only moved;
// dropped at the end.
template <typename R>
class Resource {
 public:
  explicit Resource(Adopt adopt) : handle_(adopt.handle) {}
  Resource(Resource&& other) noexcept : handle_(other.release()) {}
  Resource& operator=(Resource&& other) noexcept {
    if (this != &other) {
      drop();
      handle_ = other.release();
    }
    return *this;
  }
  ~Resource() { drop(); }

  int32_t handle() const { return handle_; }
  int32_t release() const { return std::exchange(handle_, 0); }

 private:
  void drop() {
    if (handle_ != 0) R::drop_handle(release());
  }

  // What is lowered is const and yet given away.
  mutable int32_t handle_;
};

struct HandleAbi {
  static constexpr size_t kSize = 4;
  static constexpr size_t kAlign = 4;
  static constexpr size_t kFlat = 1;
};

template <typename R>
  requires std::derived_from<R, Resource<R>>
struct Abi<R> : HandleAbi {
  static void store(const R& value, Byte* to, Arena&) { put(to, value.release()); }
  static R load(const Byte* from) { return R(Adopt{get<int32_t>(from)}); }
  static void lower(const R& value, Slot*& to, Arena&) {
    *to++ = static_cast<uint32_t>(value.release());
  }
  static R lift(const Slot*& from) { return R(Adopt{static_cast<int32_t>(*from++)}); }
};

// A resource that is somebody else's for as long as a call takes: made of a `const R&` to lend it
// to an import, received by an export.
template <typename R>
class Borrow {
 public:
  Borrow(const R& resource)
      : resource_(Adopt{resource.handle()}) {}  // NOLINT: lending is no effort
  explicit Borrow(Adopt adopt) : resource_(adopt), is_received_(true) {}
  Borrow(Borrow&&) noexcept = default;
  Borrow& operator=(Borrow&&) = delete;
  ~Borrow() {
    if (!is_received_) resource_.release();
  }

  operator const R&() const { return resource_; }  // NOLINT
  const R& operator*() const { return resource_; }
  const R* operator->() const { return &resource_; }

 private:
  R resource_;
  bool is_received_ = false;
};

template <typename R>
struct Abi<Borrow<R>> : HandleAbi {
  static void store(const Borrow<R>& value, Byte* to, Arena&) { put(to, value->handle()); }
  static Borrow<R> load(const Byte* from) { return Borrow<R>(Adopt{get<int32_t>(from)}); }
  static void lower(const Borrow<R>& value, Slot*& to, Arena&) {
    *to++ = static_cast<uint32_t>(value->handle());
  }
  static Borrow<R> lift(const Slot*& from) {
    return Borrow<R>(Adopt{static_cast<int32_t>(*from++)});
  }
};

// An owned resource of a type that this guest exports: an object of R behind a handle. R has
// `new_handle`, `object_of` and `drop_handle`; dropping the last handle deletes the object.
template <typename R>
class Own {
 public:
  template <std::derived_from<R> Object>
  Own(std::unique_ptr<Object> object)  // NOLINT: returning a unique_ptr is how a user makes one
      : object_(object.get()), handle_(R::new_handle(object.release())) {}
  explicit Own(Adopt adopt) : object_(R::object_of(adopt.handle)), handle_(adopt.handle) {}
  Own(Own&& other) noexcept : object_(other.object_), handle_(other.release()) {}
  Own& operator=(Own&& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Own() {
    if (handle_ != 0) R::drop_handle(handle_);
  }

  R& operator*() const { return *object_; }
  R* operator->() const { return object_; }
  int32_t release() const { return std::exchange(handle_, 0); }

 private:
  R* object_;
  mutable int32_t handle_;
};

template <typename R>
struct Abi<Own<R>> : HandleAbi {
  static void store(const Own<R>& value, Byte* to, Arena&) { put(to, value.release()); }
  static Own<R> load(const Byte* from) { return Own<R>(Adopt{get<int32_t>(from)}); }
  static void lower(const Own<R>& value, Slot*& to, Arena&) {
    *to++ = static_cast<uint32_t>(value.release());
  }
  static Own<R> lift(const Slot*& from) { return Own<R>(Adopt{static_cast<int32_t>(*from++)}); }
};

// A borrowed resource of a type that this guest exports: the object itself.
template <typename R>
struct Abi<std::reference_wrapper<R>> : HandleAbi {
  static std::reference_wrapper<R> load(const Byte* from) {
    return *pointer_to<R>(get<uint32_t>(from));
  }
  static std::reference_wrapper<R> lift(const Slot*& from) { return *pointer_to<R>(*from++); }
};

}  // namespace spindle::abi
