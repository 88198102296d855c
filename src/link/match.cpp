#include "link/match.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "component/plan/import_check.h"

namespace spindle::link {
namespace {

using component::FunctionType;
using component::HostImport;
using component::InstantiationPlan;
using component::PlannedLift;
using component::PlannedResource;
using component::PreparedComponent;
using component::ResourceIndex;
using component::TypeKind;
using component::TypeRef;

constexpr size_t kProblemsMax = 20;

// Types are shared inside a plan, so a pair that was found equal is not looked at again: the work
// is bounded by the number of types, not by the size of what they spell.
class TypeComparison {
 public:
  TypeComparison(const PreparedComponent& importer, const PreparedComponent& candidate,
                 std::span<const std::string> interfaces)
      : importer_(importer), candidate_(candidate), interfaces_(interfaces) {}

  bool same(const FunctionType& a, const FunctionType& b) {
    if (a.is_async != b.is_async || a.params.size() != b.params.size()) return false;
    for (size_t i = 0; i < a.params.size(); ++i) {
      if (a.params[i].name != b.params[i].name) return false;
      if (!same(a.params[i].type, b.params[i].type)) return false;
    }
    return same(a.result, b.result);
  }

  // What cannot cross although both sides mean the same.
  const std::string& unsupported() const { return unsupported_; }

 private:
  bool same(TypeRef a, TypeRef b) {
    if (a == nullptr || b == nullptr) return a == b;
    if (a->kind != b->kind || a->count != b->count) return false;
    if (equal_.contains({a, b})) return true;
    switch (a->kind) {
      case TypeKind::Own:
      case TypeKind::Borrow:
        if (!same_resource(a->resource, b->resource)) return false;
        break;
      case TypeKind::Stream:
      case TypeKind::Future:
      case TypeKind::ErrorContext:
        unsupported_ = "streams, futures and error contexts cannot be passed to a late callee";
        break;
      default: break;
    }
    if (!same(a->element, b->element) || a->members.size() != b->members.size()) return false;
    for (size_t i = 0; i < a->members.size(); ++i) {
      if (a->members[i].label != b->members[i].label) return false;
      if (!same(a->members[i].type, b->members[i].type)) return false;
    }
    equal_.emplace(a, b);
    return true;
  }

  bool same_resource(ResourceIndex a, ResourceIndex b) {
    const PlannedResource& imported = importer_.plan().resources[a.value];
    const bool is_bound = std::ranges::any_of(interfaces_, [&](const std::string& name) {
      return is_same_interface(name, imported.interface_name);
    });
    const bool is_of_candidate = candidate_.plan().resources[b.value].owner.has_value();
    if (imported.owner || !is_bound || !is_of_candidate) {
      unsupported_ = fmt::format(
          "handles of `{}` cannot be passed to a late callee: only those of resources that the "
          "late interface defines can",
          imported.name);
      return true;
    }
    return candidate_.find_resource(imported.interface_name, imported.name) == b;
  }

  const PreparedComponent& importer_;
  const PreparedComponent& candidate_;
  std::span<const std::string> interfaces_;
  std::set<std::pair<TypeRef, TypeRef>> equal_;
  std::string unsupported_;
};

std::string text_of(const InstantiationPlan& plan, const FunctionType& type) {
  return component::type_text(plan, type).value_or("(a very long type)");
}

class Matcher {
 public:
  Matcher(const PreparedComponent& importer, std::span<const std::string> interfaces,
          const PreparedComponent& candidate)
      : importer_(importer),
        candidate_(candidate),
        interfaces_(interfaces),
        types_(importer, candidate, interfaces) {}

  Result<Match> run() {
    const auto& imports = importer_.plan().host_imports;
    Match match;
    match.functions.resize(imports.size());
    for (size_t i = 0; i < imports.size(); ++i) {
      if (is_bound(imports[i])) match.functions[i] = find(imports[i]);
    }
    if (problems_.empty()) return match;
    std::string message = "it does not fit the import:";
    for (const std::string& problem : problems_) message += "\n  " + problem;
    return Error(kind_, std::move(message));
  }

 private:
  bool is_bound(const HostImport& import) const {
    return std::ranges::any_of(interfaces_, [&](const std::string& name) {
      return is_same_interface(name, import.interface_name);
    });
  }

  std::optional<component::LiftIndex> find(const HostImport& import) {
    const std::string name = fmt::format("`{}` of {}", import.function_name, import.interface_name);
    const auto found = candidate_.find_function(import.interface_name, import.function_name);
    if (!found) {
      problem(ErrorKind::NotFound, fmt::format("{} is not exported", name));
      return std::nullopt;
    }
    const PlannedLift& lift = candidate_.plan().lifts[found->value];
    if (import.type.is_async || lift.options.is_async) {
      problem(ErrorKind::NotSupported,
              fmt::format("{}: asynchronous functions cannot be bound at run time yet", name));
    } else if (!types_.same(import.type, lift.type)) {
      problem(ErrorKind::InvalidInput,
              fmt::format("{} is {}, the import is {}", name, text_of(candidate_.plan(), lift.type),
                          text_of(importer_.plan(), import.type)));
    } else if (!types_.unsupported().empty()) {
      problem(ErrorKind::NotSupported, fmt::format("{}: {}", name, types_.unsupported()));
    }
    return found;
  }

  void problem(ErrorKind kind, std::string text) {
    if (problems_.empty()) kind_ = kind;
    if (problems_.size() < kProblemsMax) problems_.push_back(std::move(text));
  }

  const PreparedComponent& importer_;
  const PreparedComponent& candidate_;
  std::span<const std::string> interfaces_;
  TypeComparison types_;
  std::vector<std::string> problems_;
  ErrorKind kind_ = ErrorKind::InvalidInput;
};

}  // namespace

bool is_same_interface(std::string_view a, std::string_view b) {
  return a == b || component::track_name(a) == component::track_name(b);
}

Result<Match> match_exports(const PreparedComponent& importer,
                            std::span<const std::string> interfaces,
                            const PreparedComponent& candidate) {
  return Matcher(importer, interfaces, candidate).run();
}

}  // namespace spindle::link
