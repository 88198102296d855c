#include "component/fuse/glue_module.h"

#include <array>
#include <string>
#include <string_view>

#include "base/byte_writer.h"
#include "component/fuse/core_encoding.h"

namespace spindle::component {
namespace {

class GlueWriter {
 public:
  GlueWriter(std::span<const PlannedSignature> functions, GlueSuspend suspend)
      : functions_(functions),
        count_(static_cast<uint32_t>(functions.size())),
        first_(suspend == GlueSuspend::Imported ? 1 : 0),
        suspend_(suspend == GlueSuspend::Imported ? 0 : 2 * count_) {}

  std::vector<uint8_t> write() {
    ByteWriter out;
    write_preamble(out);
    out.section(1, types());
    out.section(2, imports());
    out.section(3, declarations());
    out.section(7, exports());
    out.section(10, code());
    return out.take();
  }

 private:
  bool has_own_suspend() const { return first_ == 0; }
  uint32_t start(uint32_t i) const { return first_ + 2 * i; }
  uint32_t finish(uint32_t i) const { return first_ + 2 * i + 1; }
  // The first function that is not imported.
  uint32_t defined() const { return first_ + 2 * count_; }

  // Types: 0 is suspend's; function i has 2i+1 (start) and 2i+2 (finish, and the whole).
  ByteWriter types() const {
    ByteWriter out;
    out.leb_u32(1 + 2 * count_);
    write_function_type(out, {});
    for (const PlannedSignature& function : functions_) {
      write_function_type(out, {function.params, {FlatType::I32}});
      write_function_type(out, function);
    }
    return out;
  }

  ByteWriter imports() const {
    ByteWriter out;
    out.leb_u32(first_ + 2 * count_);
    if (!has_own_suspend()) write_function_import(out, "", "suspend", 0);
    for (uint32_t i = 0; i < count_; ++i) {
      write_function_import(out, "s", std::to_string(i), 2 * i + 1);
      write_function_import(out, "f", std::to_string(i), 2 * i + 2);
    }
    return out;
  }

  ByteWriter declarations() const {
    ByteWriter out;
    out.leb_u32(count_ + (has_own_suspend() ? 1 : 0));
    if (has_own_suspend()) out.leb_u32(0);
    for (uint32_t i = 0; i < count_; ++i) out.leb_u32(2 * i + 2);
    return out;
  }

  ByteWriter exports() const {
    ByteWriter out;
    out.leb_u32(count_);
    for (uint32_t i = 0; i < count_; ++i) {
      write_function_export(out, std::to_string(i), defined() + (has_own_suspend() ? 1 : 0) + i);
    }
    return out;
  }

  ByteWriter code() const {
    ByteWriter out;
    out.leb_u32(count_ + (has_own_suspend() ? 1 : 0));
    if (has_own_suspend()) out.sized(std::array<uint8_t, 2>{0, kEnd});
    for (uint32_t i = 0; i < count_; ++i) out.sized(body(i));
    return out;
  }

  ByteWriter body(uint32_t i) const {
    ByteWriter out;
    auto call = [&out](uint32_t function) {
      out.u8(kCall);
      out.leb_u32(function);
    };
    auto get_params = [&] {
      for (uint32_t param = 0; param < functions_[i].params.size(); ++param) {
        out.u8(kLocalGet);
        out.leb_u32(param);
      }
    };
    out.u8(0);  // no locals
    get_params();
    call(start(i));
    out.u8(kIf);
    out.u8(kNoResult);
    call(suspend_);
    out.u8(kEnd);
    get_params();
    call(finish(i));
    out.u8(kEnd);
    return out;
  }

  std::span<const PlannedSignature> functions_;
  uint32_t count_;
  uint32_t first_;  // the index of the first start
  uint32_t suspend_;
};

}  // namespace

std::vector<uint8_t> encode_glue_module(std::span<const PlannedSignature> functions,
                                        GlueSuspend suspend) {
  return GlueWriter(functions, suspend).write();
}

}  // namespace spindle::component
