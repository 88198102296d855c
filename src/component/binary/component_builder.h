#pragma once

// ComponentBuilder: writes component binaries for tests, one section at a time.
//
//   auto bytes = ComponentBuilder().section(7, {type_bytes}).bytes();
//
// Values are plain bytes; leb() and name() write what is longer.

#include <cstdint>
#include <string_view>
#include <vector>

namespace spindle::component {

using Bytes = std::vector<uint8_t>;

inline void append(Bytes& to, const Bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}
inline Bytes leb(uint64_t value) {
  Bytes bytes;
  do {
    auto low = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    bytes.push_back(value == 0 ? low : static_cast<uint8_t>(low | 0x80));
  } while (value != 0);
  return bytes;
}
inline Bytes name(std::string_view text) {
  auto bytes = leb(text.size());
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}
inline Bytes concat(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts) append(all, part);
  return all;
}

class ComponentBuilder {
 public:
  // A section of definitions, each already encoded.
  ComponentBuilder& section(uint8_t id, std::initializer_list<Bytes> definitions) {
    auto body = leb(definitions.size());
    for (const auto& definition : definitions) append(body, definition);
    return raw(id, body);
  }
  // A section with this content.
  ComponentBuilder& raw(uint8_t id, const Bytes& body) {
    bytes_.push_back(id);
    append(bytes_, leb(body.size()));
    append(bytes_, body);
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_ = {0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00};
};

// A core module that exports a memory "m", a function "f": (i32 i32) -> (), and "r", a realloc.
inline Bytes core_module() {
  return {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
          // types: (i32 i32) -> (), (i32 i32 i32 i32) -> i32
          0x01, 0x0e, 0x02, 0x60, 0x02, 0x7f, 0x7f, 0x00, 0x60, 0x04, 0x7f, 0x7f, 0x7f, 0x7f, 0x01,
          0x7f,
          // two functions, one memory
          0x03, 0x03, 0x02, 0x00, 0x01, 0x05, 0x03, 0x01, 0x00, 0x01,
          // exports
          0x07, 0x0d, 0x03, 0x01, 'm', 0x02, 0x00, 0x01, 'f', 0x00, 0x00, 0x01, 'r', 0x00, 0x01,
          // bodies
          0x0a, 0x08, 0x02, 0x02, 0x00, 0x0b, 0x03, 0x00, 0x00, 0x0b};
}

// Lifts "f" of core_module() as the exported function `run(s: string)`.
inline Bytes lifting_component() {
  return ComponentBuilder()
      .raw(1, core_module())
      .section(2, {{0x00, 0x00, 0x00}})
      .section(6, {concat({{0x00, 0x02, 0x01, 0x00}, name("m")}),
                   concat({{0x00, 0x00, 0x01, 0x00}, name("f")}),
                   concat({{0x00, 0x00, 0x01, 0x00}, name("r")})})
      .section(7, {concat({{0x40, 0x01}, name("s"), {0x73, 0x01, 0x00}})})
      .section(8, {{0x00, 0x00, 0x00, 0x03, 0x00, 0x03, 0x00, 0x04, 0x01, 0x00}})
      .section(11, {concat({{0x00}, name("run"), {0x01, 0x00, 0x00}})})
      .bytes();
}

}  // namespace spindle::component
