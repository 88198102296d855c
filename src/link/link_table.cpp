#include "link/link_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "link/limits.h"

namespace spindle::link {
namespace {

using Linked = std::shared_ptr<const LinkedCandidate>;

Result<Linked> link_candidate(const component::PreparedComponent& importer,
                              std::span<const std::string> interfaces, std::string_view name,
                              Candidate candidate) {
  auto match = match_exports(importer, interfaces, *candidate.prepared).context([&] {
    return fmt::format("late import `{}`: candidate `{}`", interfaces.front(), name);
  });
  LinkedCandidate linked;
  linked.match = TRY(std::move(match));
  linked.candidate = std::move(candidate);
  return Linked(std::make_shared<const LinkedCandidate>(std::move(linked)));
}

Result<void> check_imported(const component::PreparedComponent& importer,
                            const std::string& interface) {
  const auto& imports = importer.plan().host_imports;
  const bool is_imported = std::ranges::any_of(imports, [&](const component::HostImport& import) {
    return is_same_interface(import.interface_name, interface);
  });
  if (is_imported) return {};
  return Error::not_found(
      fmt::format("late import `{}`: the component imports no function of it", interface));
}

Result<void> check_count(const LateImport& import) {
  if (import.candidates.size() <= kCandidatesMax) return {};
  return Error::limit_exceeded(
      fmt::format("late import `{}` has more than {} candidates", import.name(), kCandidatesMax));
}

}  // namespace

Result<std::shared_ptr<const LinkTable>> LinkTable::create(
    std::shared_ptr<const component::PreparedComponent> importer,
    std::span<const LateBinding> bindings) {
  std::shared_ptr<LinkTable> table(new LinkTable());
  table->importer_ = std::move(importer);
  for (const LateBinding& binding : bindings) {
    LateImport import;
    for (const std::string& interface : binding.interfaces) {
      TRY(check_imported(*table->importer_, interface));
      if (table->find(interface) != nullptr) {
        return Error::invalid_input(fmt::format("late import `{}` is bound twice", interface));
      }
    }
    import.interfaces = binding.interfaces;
    for (const auto& [name, candidate] : binding.candidates) {
      Linked linked = TRY(link_candidate(*table->importer_, binding.interfaces, name, candidate));
      import.candidates.emplace(name, std::move(linked));
    }
    TRY(check_count(import));
    table->imports_.push_back(std::move(import));
  }
  return std::shared_ptr<const LinkTable>(std::move(table));
}

Result<std::shared_ptr<const LinkTable>> LinkTable::replaced(std::string_view import,
                                                             std::string_view name,
                                                             Candidate candidate) const {
  std::shared_ptr<LinkTable> table(new LinkTable(*this));
  const LateImport* found = table->find(import);
  if (found == nullptr) {
    return Error::not_found(fmt::format("the component has no late import `{}`", import));
  }
  LateImport& changed = table->imports_[static_cast<size_t>(found - table->imports_.data())];
  Linked linked = TRY(link_candidate(*importer_, changed.interfaces, name, std::move(candidate)));
  changed.candidates.insert_or_assign(std::string(name), std::move(linked));
  TRY(check_count(changed));
  return std::shared_ptr<const LinkTable>(std::move(table));
}

const LateImport* LinkTable::find(std::string_view interface) const {
  for (const LateImport& import : imports_) {
    for (const std::string& name : import.interfaces) {
      if (is_same_interface(name, interface)) return &import;
    }
  }
  return nullptr;
}

std::shared_ptr<const LinkTable> LinkSlot::get() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

void LinkSlot::set(std::shared_ptr<const LinkTable> table) {
  const std::lock_guard lock(mutex_);
  table_.swap(table);
}

}  // namespace spindle::link
