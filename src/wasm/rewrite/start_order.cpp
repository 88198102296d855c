#include "wasm/rewrite/start_order.h"

#include <algorithm>

namespace spindle::wasm::rewrite {

namespace {

class Ordering {
 public:
  Ordering(Program& program, const Constants& constants, const Segments& segments,
           std::span<const Node> exported)
      : program_(program),
        constants_(constants),
        segments_(segments),
        exported_(exported),
        early_(program, constants, segments),
        is_late_table_(program.count(NodeKind::Table)),
        is_late_memory_(program.count(NodeKind::Memory)) {
    order_.late_elements.resize(program.count(NodeKind::Element));
    order_.late_data.resize(program.count(NodeKind::Data));
  }

  Result<StartOrder> find();

 private:
  void place_segment(Node segment);
  bool may_fail(uint32_t instance, Bytes initializer) const;
  Result<void> check_initializers(uint32_t instance) const;
  Result<void> add_start(uint32_t instance, uint32_t function);

  Program& program_;
  const Constants& constants_;
  const Segments& segments_;
  std::span<const Node> exported_;
  Reach early_;  // what the start functions so far reach
  bool has_start_ = false;
  // Targets of late segments: what is written to them afterwards is late too.
  std::vector<bool> is_late_table_;
  std::vector<bool> is_late_memory_;
  StartOrder order_;
};

void Ordering::place_segment(Node segment) {
  Node target = segments_.target(segment);
  auto is_late_target =
      (target.kind == NodeKind::Table ? is_late_table_ : is_late_memory_).begin() + target.id;
  if (!*is_late_target && segments_.is_safe(segment) && !early_.contains(target)) return;
  *is_late_target = true;
  (segment.kind == NodeKind::Element ? order_.late_elements : order_.late_data)[segment.id] = true;
  order_.steps.push_back(segment);
}

// An initializer that makes an array may fail; then the start functions so far would have run.
bool Ordering::may_fail(uint32_t instance, Bytes initializer) const {
  constexpr uint8_t kGcPrefix = 0xfb;
  if (initializer.empty() || constants_.evaluate(instance, initializer)) return false;
  return std::ranges::find(initializer, kGcPrefix) != initializer.end();
}

Result<void> Ordering::check_initializers(uint32_t instance) const {
  bool fails = false;
  const ModuleSections& sections = program_.sections_of(instance);
  for (const auto& global : sections.globals) fails |= may_fail(instance, global.initializer);
  for (const auto& table : sections.tables) fails |= may_fail(instance, table.initializer);
  References scratch;
  for (const ElementSegment& segment : sections.elements) {
    if (segment.element_type.empty()) continue;
    Bytes rest = segment.items;
    for (uint32_t i = 0; i < segment.count; ++i) {
      auto length = TRY(decode_initializer(rest, 0, scratch));
      fails |= may_fail(instance, rest.first(length));
      rest = rest.subspan(length);
    }
  }
  if (!fails) return {};
  return Error::not_supported("an initializer that allocates, after a start function");
}

Result<void> Ordering::add_start(uint32_t instance, uint32_t function) {
  auto id = TRY(program_.resolve(instance, NodeKind::Func, function));
  Node start{NodeKind::Func, id};
  order_.steps.push_back(start);
  has_start_ = true;
  early_.add(start);
  TRY(early_.run());
  if (!early_.reaches_host()) return {};
  for (Node node : exported_) {
    if (program_.owner(node) <= instance) early_.add(node);
  }
  return early_.run();
}

Result<StartOrder> Ordering::find() {
  ItemId element = 0;
  ItemId data = 0;
  for (uint32_t i = 0; i < program_.instance_count(); ++i) {
    const ModuleSections& sections = program_.sections_of(i);
    if (has_start_) TRY(check_initializers(i));
    for (const ElementSegment& segment : sections.elements) {
      Node node{NodeKind::Element, element++};
      if (has_start_ && segment.mode == SegmentMode::Active) place_segment(node);
    }
    for (const DataSegment& segment : sections.data) {
      Node node{NodeKind::Data, data++};
      if (has_start_ && segment.mode == SegmentMode::Active) place_segment(node);
    }
    if (sections.start) TRY(add_start(i, *sections.start));
  }
  return std::move(order_);
}

}  // namespace

Result<StartOrder> find_start_order(Program& program, const Constants& constants,
                                    const Segments& segments, std::span<const Node> exported) {
  return Ordering(program, constants, segments, exported).find();
}

}  // namespace spindle::wasm::rewrite
