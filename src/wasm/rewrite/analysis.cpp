#include "wasm/rewrite/analysis.h"

namespace spindle::wasm::rewrite {

namespace {

// Everything that is used however little the guest does: exports, start functions, segments that
// may trap, and those that write to what is not ours.
void add_roots(Reach& reach, const Program& program, const Segments& segments,
               const StartOrder& order, const std::vector<Node>& exported) {
  for (Node node : exported) {
    reach.add(node.kind == NodeKind::Func ? Node{node.kind, program.resolve(node.kind, node.id)}
                                          : node);
  }
  for (Node step : order.steps) {
    if (step.kind == NodeKind::Func) reach.add({step.kind, program.resolve(step.kind, step.id)});
  }
  auto add_segment = [&](Node segment, SegmentMode mode) {
    if (mode != SegmentMode::Active) return;
    if (!segments.is_safe(segment) || program.is_import(segments.target(segment))) {
      reach.add(segment);
    }
  };
  for (ItemId id = 0; id < program.count(NodeKind::Element); ++id) {
    add_segment({NodeKind::Element, id}, program.element(id).mode);
  }
  for (ItemId id = 0; id < program.count(NodeKind::Data); ++id) {
    add_segment({NodeKind::Data, id}, program.data(id).mode);
  }
}

}  // namespace

Result<WrittenModule> analyze_and_write(Program& program, WriterOptions options) {
  // Of the function that runs several start functions; made before types are counted.
  auto empty_type = TRY(program.types().empty_function());
  Constants constants(program);
  auto segments = TRY(Segments::find(program, constants));
  std::vector<Node> exported;
  std::vector<bool> exported_tables(program.count(NodeKind::Table));
  for (const ExportedItem& item : options.exports) {
    exported.push_back(item.node);
    if (item.node.kind == NodeKind::Table) exported_tables[item.node.id] = true;
  }
  auto order = TRY(find_start_order(program, constants, segments, exported));

  Reach first(program, constants, segments);
  add_roots(first, program, segments, order, exported);
  TRY(first.run());
  auto calls = TRY(DirectCalls::find(
      program, {constants, segments, first, order.late_elements, exported_tables}));
  program.redirect_functions(calls.forwarded());

  Reach reach(program, constants, segments, &calls);
  add_roots(reach, program, segments, order, exported);
  TRY(reach.run());
  for (ExportedItem& item : options.exports) {
    item.node.id = program.resolve(item.node.kind, item.node.id);
  }
  if (order.steps.size() > 1) program.types().use(empty_type);
  for (Node& step : order.steps) step.id = program.resolve(step.kind, step.id);
  return write_module(program, {constants, segments, reach, calls}, order, options);
}

}  // namespace spindle::wasm::rewrite
