#include "assemble/compose/type_rewriter.h"

namespace spindle::assemble {

namespace c = component;

Result<uint32_t> TypeRewriter::map(c::Sort sort, uint32_t index, uint32_t outward) {
  if (outward >= scopes_.size()) return Error::internal("a type refers to no scope");
  IndexMap* scope = scopes_[scopes_.size() - 1 - outward];
  if (scope == nullptr) return index;
  return scope->map(sort, index);
}

Result<void> TypeRewriter::type(c::TypeIndex& index) {
  const uint32_t mapped = TRY(map(c::Sort::Type, index.value));
  index = c::TypeIndex(mapped);
  return {};
}

Result<void> TypeRewriter::use(c::ValueTypeUse& use) {
  if (auto* index = std::get_if<c::TypeIndex>(&use)) return type(*index);
  return {};
}

Result<void> TypeRewriter::use(std::optional<c::ValueTypeUse>& optional) {
  if (optional) return use(*optional);
  return {};
}

Result<c::TypeDef> TypeRewriter::rewrite(c::TypeDef def) {
  struct Parts {
    TypeRewriter& self;

    Result<void> operator()(c::PrimitiveType&) { return {}; }
    Result<void> operator()(c::FlagsDef&) { return {}; }
    Result<void> operator()(c::EnumDef&) { return {}; }
    Result<void> operator()(c::RecordDef& record) {
      for (auto& field : record.fields) TRY(self.use(field.type));
      return {};
    }
    Result<void> operator()(c::VariantDef& variant) {
      for (auto& option : variant.cases) TRY(self.use(option.type));
      return {};
    }
    Result<void> operator()(c::ListDef& list) { return self.use(list.element); }
    Result<void> operator()(c::FixedListDef& list) { return self.use(list.element); }
    Result<void> operator()(c::MapDef& map) {
      TRY(self.use(map.key));
      return self.use(map.value);
    }
    Result<void> operator()(c::TupleDef& tuple) {
      for (auto& element : tuple.elements) TRY(self.use(element));
      return {};
    }
    Result<void> operator()(c::OptionDef& option) { return self.use(option.payload); }
    Result<void> operator()(c::ResultDef& result) {
      TRY(self.use(result.ok));
      return self.use(result.error);
    }
    Result<void> operator()(c::OwnDef& own) { return self.type(own.resource); }
    Result<void> operator()(c::BorrowDef& borrow) { return self.type(borrow.resource); }
    Result<void> operator()(c::StreamDef& stream) { return self.use(stream.payload); }
    Result<void> operator()(c::FutureDef& future) { return self.use(future.payload); }
    Result<void> operator()(c::FuncDef& function) {
      for (auto& param : function.params) TRY(self.use(param.type));
      return self.use(function.result);
    }
    // Nothing outside can refer to a resource that the component itself defines.
    Result<void> operator()(c::ResourceDef&) {
      return Error::internal("the type of an import mentions a resource of the component itself");
    }
    Result<void> operator()(c::ComponentTypeDef& type) { return self.scope(type.declarators); }
    Result<void> operator()(c::InstanceTypeDef& type) { return self.scope(type.declarators); }
  };
  TRY(std::visit(Parts{*this}, def.kind));
  return def;
}

Result<c::CoreTypeDef> TypeRewriter::rewrite(c::CoreTypeDef def) {
  auto* module = std::get_if<c::ModuleTypeDef>(&def.kind);
  if (module == nullptr) {
    return Error::not_supported(
        "an import refers to a core type beside module types, which cannot be composed yet");
  }
  for (auto& declarator : module->declarators) {
    if (std::holds_alternative<c::CoreOuterAlias>(declarator.kind)) {
      return Error::not_supported(
          "an import has a module type with outer aliases, which cannot be composed yet");
    }
  }
  return def;
}

Result<c::AliasDef> TypeRewriter::rewrite(c::AliasDef alias) {
  if (auto* outer = std::get_if<c::OuterAlias>(&alias.target)) {
    outer->index = TRY(map(alias.sort, outer->index, outer->count));
  } else if (auto* exported = std::get_if<c::InstanceExportAlias>(&alias.target)) {
    const uint32_t instance = TRY(map(c::Sort::Instance, exported->instance.value));
    exported->instance = c::InstanceIndex(instance);
  } else {
    return Error::internal("a core alias in the type of an import");
  }
  return alias;
}

Result<c::ExternDesc> TypeRewriter::rewrite(c::ExternDesc desc) {
  switch (desc.kind) {
    case c::ExternKind::Module: desc.index = TRY(map(c::Sort::CoreType, desc.index)); break;
    case c::ExternKind::Func:
    case c::ExternKind::TypeEq:
    case c::ExternKind::Component:
    case c::ExternKind::Instance: desc.index = TRY(map(c::Sort::Type, desc.index)); break;
    case c::ExternKind::Value: TRY(use(desc.value_type)); break;
    case c::ExternKind::TypeResource: break;
  }
  return desc;
}

// As deep as types nest, which decoding limits.
Result<void> TypeRewriter::scope(std::vector<c::Declarator>& declarators) {
  scopes_.push_back(nullptr);
  for (auto& item : declarators) TRY(declarator(item));
  scopes_.pop_back();
  return {};
}

Result<void> TypeRewriter::declarator(c::Declarator& declarator) {
  if (auto* core = std::get_if<c::CoreTypeDef>(&declarator.kind)) {
    auto rewritten = TRY(rewrite(std::move(*core)));
    declarator.kind = std::move(rewritten);
  } else if (auto* def = std::get_if<c::TypeDef>(&declarator.kind)) {
    auto rewritten = TRY(rewrite(std::move(*def)));
    declarator.kind = std::move(rewritten);
  } else if (auto* alias = std::get_if<c::AliasDef>(&declarator.kind)) {
    auto rewritten = TRY(rewrite(*alias));
    declarator.kind = rewritten;
  } else if (auto* import = std::get_if<c::ImportDef>(&declarator.kind)) {
    import->desc = TRY(rewrite(import->desc));
  } else {
    auto& exported = std::get<c::ExportDecl>(declarator.kind);
    exported.desc = TRY(rewrite(exported.desc));
  }
  return {};
}

}  // namespace spindle::assemble
