#include "assemble/compose/import_hoist.h"

#include <fmt/format.h>

#include "component/plan/host_registry.h"
#include "wit/version.h"

namespace spindle::assemble {

namespace c = component;

namespace {

// How far types and imports may refer to each other in a row; interfaces use each other a few deep.
constexpr uint32_t kDepthMax = 500;

struct DepthGuard {
  explicit DepthGuard(uint32_t& depth) : depth_(depth) { ++depth_; }
  ~DepthGuard() { --depth_; }
  bool is_too_deep() const { return depth_ > kDepthMax; }
  uint32_t& depth_;
};

Error too_deep() {
  return Error::limit_exceeded(
      fmt::format("the types of imports refer to each other more than {} deep", kDepthMax));
}

Error not_importable(c::Sort sort) {
  return Error::internal(
      fmt::format("the type of an import refers to a {} that is not imported", to_string(sort)));
}

}  // namespace

// Finds the imports that a type refers to; the indices stay.
class ImportHoist::Discovery final : public IndexMap {
 public:
  Discovery(ImportHoist& hoist, uint32_t part) : hoist_(hoist), part_(part) {}

  Result<uint32_t> map(c::Sort sort, uint32_t index) override {
    const DepthGuard guard(hoist_.depth_);
    if (guard.is_too_deep()) return too_deep();
    auto& part = hoist_.parts_[part_];
    if (sort == c::Sort::CoreType) return index;
    if (sort == c::Sort::Type) {
      if (index >= part.discovered_types.size()) part.discovered_types.resize(index + 1);
      if (part.discovered_types[index]) return index;
      part.discovered_types[index] = true;
    }
    const auto* origin =
        sort == c::Sort::Type ? part.scope->find_type(index) : part.scope->find_instance(index);
    if (origin == nullptr) return not_importable(sort);
    if (const auto* same = std::get_if<PartScope::Same>(origin)) {
      TRY(map(sort, same->index));
    } else if (const auto* of = std::get_if<PartScope::ExportOf>(origin)) {
      TRY(map(c::Sort::Instance, of->instance));
    } else if (const auto* import = std::get_if<const c::ImportDef*>(origin)) {
      TRY(hoist_.require(part_, **import, Exports::TypesOnly));
    } else if (const auto* type = std::get_if<const c::TypeDef*>(origin)) {
      TRY(TypeRewriter({this}).rewrite(**type));
    } else {
      return not_importable(sort);
    }
    return index;
  }

 private:
  ImportHoist& hoist_;
  uint32_t part_;
};

// Copies what a type refers to into the output, imports first.
class ImportHoist::PartMap final : public IndexMap {
 public:
  PartMap(ImportHoist& hoist, uint32_t part) : hoist_(hoist), part_(part) {}

  Result<uint32_t> map(c::Sort sort, uint32_t index) override {
    const DepthGuard guard(hoist_.depth_);
    if (guard.is_too_deep()) return too_deep();
    auto& part = hoist_.parts_[part_];
    auto& known = sort == c::Sort::Type       ? part.types
                  : sort == c::Sort::Instance ? part.instances
                                              : part.core_types;
    if (auto found = known.find(index); found != known.end()) return found->second;
    const uint32_t mapped =
        TRY(sort == c::Sort::CoreType ? define_core(index) : define(sort, index));
    known.emplace(index, mapped);
    return mapped;
  }

 private:
  Result<uint32_t> define_core(uint32_t index) {
    const auto* type = hoist_.parts_[part_].scope->find_core_type(index);
    if (type == nullptr) return not_importable(c::Sort::CoreType);
    auto copy = TRY(TypeRewriter({this}).rewrite(*type));
    return hoist_.output_.add(std::move(copy));
  }

  Result<uint32_t> define(c::Sort sort, uint32_t index) {
    const PartScope& scope = *hoist_.parts_[part_].scope;
    const auto* origin =
        sort == c::Sort::Type ? scope.find_type(index) : scope.find_instance(index);
    if (origin == nullptr) return not_importable(sort);
    if (const auto* same = std::get_if<PartScope::Same>(origin)) return map(sort, same->index);
    if (const auto* of = std::get_if<PartScope::ExportOf>(origin)) {
      const uint32_t instance = TRY(map(c::Sort::Instance, of->instance));
      return hoist_.alias(sort, instance, of->name);
    }
    if (const auto* import = std::get_if<const c::ImportDef*>(origin)) {
      const c::SortIndex item = TRY(hoist_.emit(part_, **import));
      return item.index;
    }
    const auto* type = std::get_if<const c::TypeDef*>(origin);
    if (type == nullptr) return not_importable(sort);
    auto copy = TRY(TypeRewriter({this}).rewrite(**type));
    return hoist_.output_.add(std::move(copy));
  }

  ImportHoist& hoist_;
  uint32_t part_;
};

uint32_t ImportHoist::add_part(const Part& part, const PartScope& scope) {
  PartState& state = parts_.emplace_back();
  state.part = &part;
  state.scope = &scope;
  return static_cast<uint32_t>(parts_.size() - 1);
}

std::string ImportHoist::hoisted_name(uint32_t part, const c::ImportDef& import) const {
  const auto& rename = parts_[part].part->hoisted_name;
  return rename ? rename(import.name.name) : std::string(import.name.name);
}

uint32_t ImportHoist::alias(c::Sort sort, uint32_t instance, std::string_view name) {
  auto [found, is_new] = aliases_.try_emplace({sort, instance, std::string(name)}, 0);
  if (is_new) {
    found->second =
        output_.add(c::AliasDef{sort, c::InstanceExportAlias{c::InstanceIndex(instance), name}});
  }
  return found->second;
}

Result<void> ImportHoist::require(uint32_t part, const c::ImportDef& import) {
  return require(part, import, Exports::All);
}

Result<void> ImportHoist::require(uint32_t part, const c::ImportDef& import, Exports exports) {
  auto [known, is_new] = parts_[part].required.try_emplace(&import, exports);
  if (!is_new && (known->second == Exports::All || exports == Exports::TypesOnly)) return {};
  known->second = exports;
  auto& group = groups_[c::track_name(hoisted_name(part, import))];
  if (!is_new)
    std::erase_if(group.contributions, [&](const Contribution& contribution) {
      return contribution.import == &import && contribution.part == part;
    });
  group.contributions.push_back({part, &import, exports});
  if (!is_new) return {};
  switch (import.desc.kind) {
    case c::ExternKind::Func:
    case c::ExternKind::TypeEq:
    case c::ExternKind::Instance: {
      Discovery discovery(*this, part);
      TRY(discovery.map(c::Sort::Type, import.desc.index));
      return {};
    }
    case c::ExternKind::Module:
    case c::ExternKind::TypeResource: return {};
    case c::ExternKind::Component:
    case c::ExternKind::Value: break;
  }
  return Error::not_supported(
      fmt::format("import `{}` of `{}`: a composition cannot import a {} yet", import.name.name,
                  parts_[part].part->name, to_string(import.desc.sort())));
}

Result<c::SortIndex> ImportHoist::emit(uint32_t part, const c::ImportDef& import) {
  auto found = groups_.find(c::track_name(hoisted_name(part, import)));
  if (found == groups_.end()) {
    return Error::internal(fmt::format("import `{}` was not required", import.name.name));
  }
  TRY(emit(found->second).context([&] { return fmt::format("import `{}`", import.name.name); }));
  if (found->second.item.sort != import.desc.sort()) {
    return Error::invalid_input(fmt::format("`{}` is a {} for `{}` and a {} for another component",
                                            import.name.name, to_string(import.desc.sort()),
                                            parts_[part].part->name,
                                            to_string(found->second.item.sort)));
  }
  return found->second.item;
}

Result<void> ImportHoist::emit(Group& group) {
  if (group.state == State::Done) return {};
  if (group.state == State::Busy) {
    return Error::invalid_input("imports of the components use each other in a circle");
  }
  group.state = State::Busy;
  const c::ImportDef import = TRY(merged(group));
  group.item = {import.desc.sort(), output_.add(import)};
  group.state = State::Done;
  return {};
}

// The name with the highest version.
c::ExternName ImportHoist::best_name(const Group& group) {
  std::optional<wit::Version> best;
  const Contribution* chosen = nullptr;
  for (const auto& contribution : group.contributions) {
    auto version =
        wit::parse_version(c::split_interface_name(contribution.import->name.name).version);
    if (chosen != nullptr && (!version || (best && *version <= *best))) continue;
    chosen = &contribution;
    if (version) best = version.take_value();
  }
  c::ExternName name = chosen->import->name;
  name.name = output_.text(hoisted_name(chosen->part, *chosen->import));
  return name;
}

Result<c::ImportDef> ImportHoist::merged(const Group& group) {
  const Contribution& first = group.contributions.front();
  if (first.import->desc.kind == c::ExternKind::Instance) return merged_instance(group);
  PartMap map(*this, first.part);
  const auto desc = TRY(TypeRewriter({&map}).rewrite(first.import->desc));
  return c::ImportDef{best_name(group), desc};
}

Result<c::ImportDef> ImportHoist::merged_instance(const Group& group) {
  MergedInstance merged;
  for (const auto& contribution : group.contributions) {
    if (contribution.import->desc.kind != c::ExternKind::Instance) continue;
    const auto* type = parts_[contribution.part].scope->instance_type(*contribution.import);
    if (type == nullptr) {
      return Error::not_supported("an import whose type is itself imported cannot be composed yet");
    }
    PartMap map(*this, contribution.part);
    TRY(merged.add(*type, map, contribution.exports));
  }
  const uint32_t type = output_.add(c::TypeDef{merged.take()});
  c::ExternDesc desc;
  desc.kind = c::ExternKind::Instance;
  desc.index = type;
  return c::ImportDef{best_name(group), desc};
}

}  // namespace spindle::assemble
