#pragma once

// Output: a component being written. It appends definitions and answers with the index that the new
// item has in its space; names that are made up live as long as the component.

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "component/binary/component.h"

namespace spindle::assemble {

class Output {
 public:
  std::string_view keep(std::string text) { return strings_->emplace_back(std::move(text)); }

  uint32_t add(component::TypeDef type);
  uint32_t add(component::CoreTypeDef type);
  // Nested in full, once however often it is added.
  uint32_t add(std::shared_ptr<const component::Component> nested);
  uint32_t add(component::InstantiateDef instance);
  uint32_t add(const component::AliasDef& alias);
  uint32_t add(const component::ImportDef& import);
  uint32_t add(const component::ExportDef& exported);

  std::shared_ptr<const component::Component> take();

 private:
  uint32_t append(component::Sort sort, component::Definition definition);

  std::shared_ptr<std::deque<std::string>> strings_ = std::make_shared<std::deque<std::string>>();
  component::Component component_;
  std::array<uint32_t, component::kSortCount> counts_{};
  std::vector<std::pair<const component::Component*, uint32_t>> nested_;
};

}  // namespace spindle::assemble
