// No component of about 1 MiB makes decoding and validating take more than a second or 64 times its
// size in memory: shapes that multiply, each near its limit.

#include <malloc.h>

#include <ctime>
#include <new>

#include <gtest/gtest.h>

#include "component/binary/component_builder.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"

namespace {

// Bytes allocated by this process through operator new, and the most there were at a time.
size_t live_bytes = 0;
size_t peak_bytes = 0;

}  // namespace

void* operator new(size_t size) {
  void* memory = malloc(size);
  if (memory == nullptr) abort();
  live_bytes += malloc_usable_size(memory);
  peak_bytes = std::max(peak_bytes, live_bytes);
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) live_bytes -= malloc_usable_size(memory);
  free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  operator delete(memory);
}

namespace spindle::component {
namespace {

constexpr size_t kInputBytes = 1U << 20;
#if defined(NDEBUG) && !__has_feature(address_sanitizer)
constexpr double kSeconds = 1;
#else
constexpr double kSeconds = 30;
#endif

Bytes repeated(const Bytes& item, size_t count) {
  Bytes body = leb(count);
  for (size_t i = 0; i < count; ++i) append(body, item);
  return body;
}
template <typename F>
Bytes made(size_t count, F item) {
  Bytes body = leb(count);
  for (size_t i = 0; i < count; ++i) append(body, item(i));
  return body;
}
std::string label(size_t number) {
  std::string text(1, 'a');
  for (; number > 0; number /= 26) text += static_cast<char>('a' + number % 26);
  return text;
}
Bytes named(size_t number, const Bytes& rest) {
  return concat({{0x00}, name(label(number)), rest});
}
// Fills up with a custom section, as real components do with code.
Bytes padded(Bytes bytes) {
  if (bytes.size() + 16 > kInputBytes) return bytes;
  const size_t size = kInputBytes - bytes.size();
  bytes.push_back(0x00);
  append(bytes, leb(size));
  append(bytes, {0x01, 'x'});
  bytes.resize(bytes.size() + size - 2);
  return bytes;
}

struct Hostile {
  const char* what;
  Bytes bytes;
};

Bytes section(uint8_t id, const Bytes& body) {
  return ComponentBuilder().raw(id, body).bytes();
}

// An instance type that exports `count` fresh resources.
Bytes resource_instance(size_t count) {
  return concat({{0x01, 0x42},
                 made(count, [](size_t i) { return concat({{0x04}, named(i, {0x03, 0x01})}); })});
}

// A component that defines and exports `count` resources.
Bytes resource_component(size_t count) {
  return ComponentBuilder()
      .raw(7, repeated({0x3f, 0x7f, 0x00}, count))
      .raw(11, made(count, [](size_t i) { return named(i, concat({{0x03}, leb(i), {0x00}})); }))
      .bytes();
}

// Each instance type exports the one before twice.
Bytes doubling_instances() {
  Bytes body = leb(40);
  append(body, concat({{0x42, 0x01, 0x04}, named(0, {0x03, 0x01})}));
  for (size_t i = 0; i < 39; ++i) {
    append(body, concat({{0x42, 0x03, 0x02, 0x03, 0x02, 0x01},
                         leb(i),
                         {0x04},
                         named(1, {0x05, 0x00}),
                         {0x04},
                         named(2, {0x05, 0x00})}));
  }
  return body;
}

Bytes doubling_tuples() {
  Bytes body = leb(60);
  append(body, {0x6f, 0x01, 0x7d});
  for (uint8_t i = 0; i < 59; ++i) append(body, {0x6f, 0x02, i, i});
  return body;
}

Bytes core_module_importing(size_t count) {
  const Bytes imports =
      made(count, [](size_t i) { return concat({name(""), name(label(i)), {0x03, 0x7f, 0x00}}); });
  return concat(
      {{0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x02}, leb(imports.size()), imports});
}

std::vector<Hostile> hostile_components() {
  std::vector<Hostile> all;
  // Short definitions, as many as fit.
  for (const Bytes& type : {Bytes{0x7d},
                            {0x70, 0x7d},
                            {0x42, 0x00},
                            {0x41, 0x00},
                            {0x3f, 0x7f, 0x00},
                            {0x40, 0x00, 0x01, 0x00}}) {
    all.push_back({"types", section(7, repeated(type, kInputBytes / type.size()))});
    all.push_back({"types up to the limit", padded(section(7, repeated(type, 105'000)))});
  }
  all.push_back({"built-ins", padded(section(8, repeated({0x24}, 105'000)))});
  all.push_back({"core types", padded(section(3, repeated({0x60, 0x00, 0x00}, 105'000)))});
  all.push_back(
      {"declarators", padded(section(7, concat({{0x01, 0x42}, repeated({0x01, 0x7d}, 105'000)})))});
  // Things that are shared or copied.
  all.push_back({"doubling tuples", section(7, doubling_tuples())});
  all.push_back({"doubling instance types", section(7, doubling_instances())});
  for (const auto& [exports, imports] : {std::pair{10'000, 60'000}, {50'000, 20'000}}) {
    all.push_back({"imports of an instance",
                   ComponentBuilder()
                       .raw(7, resource_instance(static_cast<size_t>(exports)))
                       .raw(10, made(static_cast<size_t>(imports),
                                     [](size_t i) { return named(i, {0x05, 0x00}); }))
                       .bytes()});
  }
  all.push_back({"exports of an instance",
                 ComponentBuilder()
                     .raw(7, resource_instance(20'000))
                     .raw(10, concat({{0x01}, named(0, {0x05, 0x00})}))
                     .raw(11, made(50'000, [](size_t i) { return named(i, {0x05, 0x00, 0x00}); }))
                     .bytes()});
  for (size_t resources : {2'000, 20'000}) {
    all.push_back({"instances", padded(ComponentBuilder()
                                           .raw(4, resource_component(resources))
                                           .raw(5, repeated({0x00, 0x00, 0x00}, 4'096))
                                           .bytes())});
  }
  all.push_back({"core instances", ComponentBuilder()
                                       .raw(1, core_module_importing(60'000))
                                       .raw(2, concat({leb(4'096), {0x01, 0x00}}))
                                       .bytes()});
  Bytes nested = ComponentBuilder().bytes();
  for (int i = 0; i < 98; ++i) nested = ComponentBuilder().raw(4, nested).bytes();
  all.push_back({"nested components", padded(nested)});
  return all;
}

TEST(Hostile, ComponentsTakeLittleTimeAndMemory) {
  for (const auto& [what, bytes] : hostile_components()) {
    const size_t before = live_bytes;
    peak_bytes = live_bytes;
    const clock_t begin = clock();
    {
      auto component = decode_component(SharedBytes::borrow(bytes));
      if (component) (void)validate(*component);
    }
    const double seconds = static_cast<double>(clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, kSeconds) << what << ", " << bytes.size() << " bytes";
    const size_t allowed = 64 * std::max(bytes.size(), kInputBytes / 4);
    EXPECT_LT(peak_bytes - before, allowed) << what << ", " << bytes.size() << " bytes";
  }
}

}  // namespace
}  // namespace spindle::component
