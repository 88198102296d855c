#include "component/runtime/glue_module.h"

#include <string>
#include <string_view>

namespace spindle::component {
namespace {

class Encoder {
 public:
  void byte(unsigned value) { bytes_.push_back(static_cast<uint8_t>(value)); }
  void number(size_t value) {
    while (value >= 0x80) {
      byte(static_cast<unsigned>(value & 0x7f) | 0x80);
      value >>= 7;
    }
    byte(static_cast<unsigned>(value));
  }
  void name(std::string_view text) {
    number(text.size());
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  void types(std::span<const FlatType> flat) {
    number(flat.size());
    for (FlatType type : flat) {
      constexpr std::array<unsigned, 4> kCodes{0x7f, 0x7e, 0x7d, 0x7c};
      byte(kCodes[static_cast<size_t>(type)]);
    }
  }
  void nested(const Encoder& inner) {
    number(inner.bytes_.size());
    bytes_.insert(bytes_.end(), inner.bytes_.begin(), inner.bytes_.end());
  }
  void section(unsigned id, const Encoder& content) {
    byte(id);
    nested(content);
  }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

constexpr unsigned kFuncType = 0x60;

// Types: 0 is suspend's; function i has 2i+1 (start) and 2i+2 (finish, and the whole).
Encoder type_section(std::span<const PlannedSignature> functions) {
  Encoder out;
  out.number(1 + 2 * functions.size());
  auto type = [&out](std::span<const FlatType> params, std::span<const FlatType> results) {
    out.byte(kFuncType);
    out.types(params);
    out.types(results);
  };
  type({}, {});
  for (const PlannedSignature& function : functions) {
    type(function.params, std::array{FlatType::I32});
    type(function.params, function.results);
  }
  return out;
}

Encoder import_section(size_t count) {
  Encoder out;
  out.number(1 + 2 * count);
  auto import = [&out](std::string_view module, std::string_view name, size_t type) {
    out.name(module);
    out.name(name);
    out.byte(0);
    out.number(type);
  };
  import("", "suspend", 0);
  for (size_t i = 0; i < count; ++i) {
    import("s", std::to_string(i), 2 * i + 1);
    import("f", std::to_string(i), 2 * i + 2);
  }
  return out;
}

Encoder body(const PlannedSignature& function, size_t index) {
  Encoder out;
  out.number(0);  // no locals
  auto get_params = [&] {
    for (size_t i = 0; i < function.params.size(); ++i) {
      out.byte(0x20);  // local.get
      out.number(i);
    }
  };
  get_params();
  out.byte(0x10);  // call start
  out.number(2 * index + 1);
  out.byte(0x04);  // if
  out.byte(0x40);
  out.byte(0x10);  // call suspend
  out.number(0);
  out.byte(0x0b);
  get_params();
  out.byte(0x10);  // call finish
  out.number(2 * index + 2);
  out.byte(0x0b);
  return out;
}

}  // namespace

std::vector<uint8_t> encode_glue_module(std::span<const PlannedSignature> functions) {
  Encoder out;
  for (unsigned value : {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00}) out.byte(value);
  out.section(1, type_section(functions));
  out.section(2, import_section(functions.size()));
  Encoder declared;
  Encoder exports;
  Encoder code;
  declared.number(functions.size());
  exports.number(functions.size());
  code.number(functions.size());
  for (size_t i = 0; i < functions.size(); ++i) {
    declared.number(2 * i + 2);
    exports.name(std::to_string(i));
    exports.byte(0);
    exports.number(1 + 2 * functions.size() + i);
    code.nested(body(functions[i], i));
  }
  out.section(3, declared);
  out.section(7, exports);
  out.section(10, code);
  return out.take();
}

}  // namespace spindle::component
