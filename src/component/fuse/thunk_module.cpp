#include "component/fuse/thunk_module.h"

#include <map>
#include <string>
#include <utility>

#include "base/byte_writer.h"
#include "component/fuse/core_encoding.h"

namespace spindle::component {
namespace {

class ThunkWriter {
 public:
  explicit ThunkWriter(std::span<const HostThunk> thunks) : thunks_(thunks) {
    using Key = std::pair<std::vector<FlatType>, std::vector<FlatType>>;
    std::map<Key, uint32_t> groups;
    for (const HostThunk& thunk : thunks) {
      const PlannedSignature& signature = thunk.signature;
      auto [found, is_new] =
          groups.try_emplace(Key(signature.params, signature.results), group_count());
      group_of_.push_back(found->second);
      if (is_new) groups_.push_back(signature);
    }
  }

  ThunkModule write() {
    ByteWriter out;
    write_preamble(out);
    out.section(1, types());
    out.section(2, imports());
    out.section(3, declarations());
    out.section(7, exports());
    out.section(10, code());
    return {out.take(), group_count()};
  }

 private:
  uint32_t group_count() const { return static_cast<uint32_t>(groups_.size()); }
  uint32_t thunk_count() const { return static_cast<uint32_t>(thunks_.size()); }

  // Group g has type 2g, its thunks 2g + 1.
  ByteWriter types() const {
    ByteWriter out;
    out.leb_u32(2 * group_count());
    for (const PlannedSignature& signature : groups_) {
      PlannedSignature with_number = signature;
      with_number.params.push_back(FlatType::I32);
      write_function_type(out, with_number);
      write_function_type(out, signature);
    }
    return out;
  }

  ByteWriter imports() const {
    ByteWriter out;
    out.leb_u32(group_count());
    for (uint32_t group = 0; group < group_count(); ++group) {
      write_function_import(out, "h", std::to_string(group), 2 * group);
    }
    return out;
  }

  ByteWriter declarations() const {
    ByteWriter out;
    out.leb_u32(thunk_count());
    for (uint32_t group : group_of_) out.leb_u32(2 * group + 1);
    return out;
  }

  ByteWriter exports() const {
    ByteWriter out;
    out.leb_u32(thunk_count());
    for (uint32_t i = 0; i < thunk_count(); ++i) {
      write_function_export(out, std::to_string(thunks_[i].number), group_count() + i);
    }
    return out;
  }

  ByteWriter code() const {
    ByteWriter out;
    out.leb_u32(thunk_count());
    for (uint32_t i = 0; i < thunk_count(); ++i) {
      ByteWriter body;
      body.u8(0);  // no locals
      for (uint32_t param = 0; param < thunks_[i].signature.params.size(); ++param) {
        body.u8(kLocalGet);
        body.leb_u32(param);
      }
      body.u8(kI32Const);
      body.leb_s32(static_cast<int32_t>(thunks_[i].number));
      body.u8(kCall);
      body.leb_u32(group_of_[i]);
      body.u8(kEnd);
      out.sized(body);
    }
    return out;
  }

  std::span<const HostThunk> thunks_;
  std::vector<PlannedSignature> groups_;
  std::vector<uint32_t> group_of_;  // per thunk
};

}  // namespace

ThunkModule make_thunk_module(std::span<const HostThunk> thunks) {
  return ThunkWriter(thunks).write();
}

}  // namespace spindle::component
