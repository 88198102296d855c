#include "assemble/compose/assembly.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "assemble/compose/import_hoist.h"
#include "component/validate/validate.h"

namespace spindle::assemble {

namespace c = component;

PartIndex Assembly::add(Part part) {
  parts_.push_back(std::make_unique<Entry>(std::move(part)));
  return PartIndex(parts_.size() - 1);
}

void Assembly::satisfy(const Place& import, Place source) {
  VERIFY(source.part.value < import.part.value);
  parts_[import.part.value]->sources.insert_or_assign(import.name, std::move(source));
}

const Assembly::Place* Assembly::find_source(PartIndex part, std::string_view import) const {
  const auto& sources = parts_[part.value]->sources;
  auto found = sources.find(import);
  return found == sources.end() ? nullptr : &found->second;
}

void Assembly::export_from(PartIndex part, std::string_view name) {
  exports_.push_back({part, std::string(name)});
}

// Without what means nothing to a reader: the definition, and its offset in a binary that is not
// written yet.
Error Assembly::explain(const Error& invalid) const {
  Error error(invalid.kind(), invalid.message());
  for (size_t i = 0; i + 1 < invalid.contexts().size(); ++i) {
    error = std::move(error).with_context(invalid.contexts()[i]);
  }
  std::vector<std::string> names;
  for (const auto& entry : parts_) names.push_back(fmt::format("`{}`", entry->part.name));
  return std::move(error).with_context(fmt::format("composing {}", fmt::join(names, ", ")));
}

Result<std::shared_ptr<const c::Component>> Assembly::finish() {
  if (parts_.size() > kPartsMax) {
    return Error::limit_exceeded(fmt::format(
        "a composition of {} components, at most {} are allowed", parts_.size(), kPartsMax));
  }
  ComponentAst output;
  ImportHoist hoist(output);
  for (const auto& entry : parts_) {
    const uint32_t part = hoist.add_part(entry->part, entry->scope);
    for (const auto* import : entry->scope.imports()) {
      if (!entry->sources.contains(import->name.name)) TRY(hoist.require(part, *import));
    }
  }
  std::vector<c::InstanceIndex> instances;
  std::map<const c::Component*, c::ComponentIndex> nested;
  auto alias = [&](const Place& place, c::Sort sort) {
    const std::string_view name = output.text(place.name);
    return c::SortIndex{sort, output.instance_export(sort, instances[place.part.value], name)};
  };
  for (uint32_t part = 0; part < parts_.size(); ++part) {
    const Entry& entry = *parts_[part];
    c::InstantiateDef instantiate;
    for (const auto* import : entry.scope.imports()) {
      c::InstantiateArg arg{import->name.name, {}};
      if (auto source = entry.sources.find(import->name.name); source != entry.sources.end()) {
        arg.item = alias(source->second, import->desc.sort());
      } else {
        arg.item = TRY(hoist.emit(part, *import));
      }
      instantiate.args.push_back(arg);
    }
    auto [known, is_new] = nested.try_emplace(entry.part.component.get());
    if (is_new) {
      known->second = c::ComponentIndex(output.add(c::NestedComponentDef{entry.part.component}));
    }
    instantiate.component = known->second;
    instances.push_back(output.instance(std::move(instantiate)));
  }
  for (const Place& place : exports_) {
    const auto* exported = parts_[place.part.value]->scope.find_export(place.name);
    VERIFY(exported != nullptr);
    const c::SortIndex item = alias(place, exported->item.sort);
    output.add(c::ExportDef{exported->name, item, std::nullopt});
  }
  auto composed = std::make_shared<const c::Component>(output.take());
  if (auto valid = c::validate(*composed); !valid) return explain(valid.error());
  return composed;
}

}  // namespace spindle::assemble
