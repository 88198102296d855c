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

std::string Assembly::list_parts() const {
  std::vector<std::string> names;
  for (const auto& entry : parts_) names.push_back(fmt::format("`{}`", entry->part.name));
  return fmt::format("composing {}", fmt::join(names, ", "));
}

Result<std::shared_ptr<const c::Component>> Assembly::finish() {
  if (parts_.size() > kPartsMax) {
    return Error::limit_exceeded(
        fmt::format("a composition of {} components, at most {} are allowed", parts_.size(),
                    kPartsMax));
  }
  Output output;
  ImportHoist hoist(output);
  for (const auto& entry : parts_) {
    const uint32_t part = hoist.add_part(entry->part, entry->scope);
    for (const auto* import : entry->scope.imports()) {
      if (!entry->sources.contains(import->name.name)) TRY(hoist.require(part, *import));
    }
  }
  std::vector<c::InstanceIndex> instances;
  auto alias = [&](const Place& place, c::Sort sort) {
    const std::string_view name = output.keep(place.name);
    const auto instance = instances[place.part.value];
    return c::SortIndex{sort, output.add(c::AliasDef{sort, c::InstanceExportAlias{instance, name}})};
  };
  for (uint32_t part = 0; part < parts_.size(); ++part) {
    const Entry& entry = *parts_[part];
    c::InstantiateDef instantiate;
    for (const auto* import : entry.scope.imports()) {
      auto source = entry.sources.find(import->name.name);
      const c::SortIndex item = source == entry.sources.end()
                                    ? TRY(hoist.emit(part, *import))
                                    : alias(source->second, import->desc.sort());
      instantiate.args.push_back({import->name.name, item});
    }
    instantiate.component = c::ComponentIndex(output.add(entry.part.component));
    instances.emplace_back(output.add(std::move(instantiate)));
  }
  for (const Place& place : exports_) {
    const auto* exported = parts_[place.part.value]->scope.find_export(place.name);
    VERIFY(exported != nullptr);
    const c::SortIndex item = alias(place, exported->item.sort);
    output.add(c::ExportDef{exported->name, item, std::nullopt});
  }
  auto composed = output.take();
  TRY(c::validate(*composed).context([&] { return list_parts(); }));
  return composed;
}

}  // namespace spindle::assemble
