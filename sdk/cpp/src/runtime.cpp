// What every guest needs from a C++ runtime, small: memory for the host, and ends of the program
// that print nothing. libc++abi's own would bring stdio along.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

void* allocate(size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) __builtin_trap();
  return memory;
}

}  // namespace

void* operator new(size_t size) {
  return allocate(size);
}
void* operator new[](size_t size) {
  return allocate(size);
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}

extern "C" {

// The host's allocator: for strings and lists that it passes.
__attribute__((export_name("cabi_realloc"))) void* cabi_realloc(void* old, size_t old_size,
                                                                size_t align, size_t size) {
  if (size == 0) return reinterpret_cast<void*>(align);
  void* memory = old_size == 0 ? std::malloc(size) : std::realloc(old, size);
  if (memory == nullptr) __builtin_trap();
  return memory;
}

[[noreturn]] void abort_message(const char*, ...) {
  __builtin_trap();
}
void abort() {
  __builtin_trap();
}
void __cxa_pure_virtual() {
  __builtin_trap();
}
// Instances are thrown away, not torn down.
int __cxa_atexit(void (*)(void*), void*, void*) {
  return 0;
}

}  // extern "C"

_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) {
  __builtin_trap();
}
_LIBCPP_END_NAMESPACE_STD
