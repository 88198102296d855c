#include "component/fuse/value_transfer.h"

namespace spindle::component {
namespace {

constexpr uint32_t kVectorSize = 16;
constexpr uint64_t kHighBits = 0x8080808080808080;

}  // namespace

void ValueTransfer::check_string(Range range) {
  if (ends_.from.options->encoding == StringEncoding::Utf8) return check_utf8(range);
  code_.get(range.pointer);
  code_.get(range.length);
  code_.call(helper(ends_.kind == TransferKind::ToCallee ? AdapterHelper::CheckStringOfCaller
                                                         : AdapterHelper::CheckStringOfCallee));
}

// Most strings are ASCII, which is seen here; the host looks at the others.
void ValueTransfer::check_utf8(Range range) {
  code_.get(range.length);
  code_.i32(ValueType::kByteSizeMax);
  code_.op(Op::I32GtU);
  trap(AdapterTrap::StringOutOfBounds);
  code_.get(range.length);
  code_.op(Op::I64ExtendI32U);
  check_bounds(range.pointer, from(), AdapterTrap::StringOutOfBounds);
  find_non_ascii(range);
  code_.begin_if();
  code_.get(range.pointer);
  code_.get(range.length);
  code_.call(helper(ends_.kind == TransferKind::ToCallee ? AdapterHelper::CheckStringOfCaller
                                                         : AdapterHelper::CheckStringOfCallee));
  code_.end();
}

void ValueTransfer::find_non_ascii(Range range) {
  const CodeLocal found = code_.local(FlatType::I32);
  code_.i32(0);
  code_.set(found);
  code_.get(range.length);
  code_.i32(kVectorSize);
  code_.op(Op::I32GeU);
  code_.begin_if();
  find_non_ascii_vectors(range, found);
  code_.op(Op::Else);
  find_non_ascii_bytes(range, found);
  code_.end();
  code_.get(found);
}

// Vectors from the start, then the last of them, which may overlap the one before.
void ValueTransfer::find_non_ascii_vectors(Range range, CodeLocal found) {
  const CodeLocal cursor = code_.local(FlatType::I32);
  const CodeLocal last = code_.local(FlatType::I32);
  auto look_at = [&](CodeLocal pointer) {
    code_.get(pointer);
    code_.load_v128({from(), 0});
    code_.v128_bitmask();
    code_.tee(found);
  };
  code_.get(range.pointer);
  code_.tee(cursor);
  code_.get(range.length);
  code_.op(Op::I32Add);
  code_.i32(kVectorSize);
  code_.op(Op::I32Sub);
  code_.set(last);
  code_.block();
  const uint32_t done = code_.depth();
  code_.block();
  const uint32_t at_last = code_.depth();
  code_.loop();
  const uint32_t again = code_.depth();
  code_.get(cursor);
  code_.get(last);
  code_.op(Op::I32GeU);
  code_.branch_if(at_last);
  look_at(cursor);
  code_.branch_if(done);
  code_.get(cursor);
  code_.i32(kVectorSize);
  code_.op(Op::I32Add);
  code_.set(cursor);
  code_.branch(again);
  code_.end();
  code_.end();
  look_at(last);
  code_.op(Op::Drop);
  code_.end();
}

// Fewer bytes than a vector: a word where there is one, then byte by byte.
void ValueTransfer::find_non_ascii_bytes(Range range, CodeLocal found) {
  const CodeLocal cursor = code_.local(FlatType::I32);
  const CodeLocal end = code_.local(FlatType::I32);
  code_.get(range.pointer);
  code_.tee(cursor);
  code_.get(range.length);
  code_.op(Op::I32Add);
  code_.set(end);
  code_.get(range.length);
  code_.i32(8);
  code_.op(Op::I32GeU);
  code_.begin_if();
  code_.get(cursor);
  code_.load({from(), 0}, 8);
  code_.i64(kHighBits);
  code_.op(Op::I64And);
  code_.i64(0);
  code_.op(Op::I64Ne);
  code_.set(found);
  code_.get(cursor);
  code_.i32(8);
  code_.op(Op::I32Add);
  code_.set(cursor);
  code_.end();
  for_each(cursor, end, 1, [&] {
    code_.get(cursor);
    code_.load({from(), 0}, 1);
    code_.i32(0x80);
    code_.op(Op::I32And);
    code_.get(found);
    code_.op(Op::I32Or);
    code_.set(found);
  });
}

ValueTransfer::Range ValueTransfer::copy_string(Range range) {
  const StringEncoding encoding = ends_.from.options->encoding;
  const bool is_same = encoding == ends_.to.options->encoding;
  if (!is_same || encoding == StringEncoding::Latin1OrUtf16) {
    const Range copied{code_.local(FlatType::I32), code_.local(FlatType::I32)};
    code_.get(range.pointer);
    code_.get(range.length);
    code_.call(helper(ends_.kind == TransferKind::ToCallee ? AdapterHelper::StringToCallee
                                                           : AdapterHelper::StringToCaller));
    code_.set(copied.length);
    code_.set(copied.pointer);
    return copied;
  }
  const uint32_t unit = encoding == StringEncoding::Utf8 ? 1 : 2;
  const CodeLocal size = code_.local(FlatType::I32);
  code_.get(range.length);
  code_.i32(unit);
  code_.op(Op::I32Mul);
  code_.tee(size);
  const CodeLocal pointer = allocate(unit);
  code_.get(pointer);
  code_.get(range.pointer);
  code_.get(size);
  code_.memory_copy(to(), from());
  return {pointer, range.length};
}

}  // namespace spindle::component
