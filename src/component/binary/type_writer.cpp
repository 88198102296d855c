#include "component/binary/type_writer.h"

#include "base/overloaded.h"
#include "component/binary/core_writer.h"

namespace spindle::component {
namespace {

uint8_t code_of(PrimitiveType type) {
  // The codes go down from bool in the order of the enumeration; error-context came later.
  if (type == PrimitiveType::ErrorContext) return 0x64;
  return static_cast<uint8_t>(0x7f - static_cast<unsigned>(type));
}

void write_optional_type(ByteWriter& writer, const std::optional<ValueTypeUse>& type) {
  writer.u8(type ? 1 : 0);
  if (type) write_value_type_use(writer, *type);
}

void write_named_types(ByteWriter& writer, const std::vector<NamedTypeUse>& types) {
  writer.leb_u64(types.size());
  for (const auto& type : types) {
    writer.name(type.name);
    write_value_type_use(writer, type.type);
  }
}

void write_labels(ByteWriter& writer, const std::vector<std::string_view>& labels) {
  writer.leb_u64(labels.size());
  for (auto label : labels) writer.name(label);
}

void write_declarator(ByteWriter& writer, const Declarator& declarator) {
  std::visit(Overloaded{[&](const CoreTypeDef& type) {
                          writer.u8(0x00);
                          write_core_type_def(writer, type);
                        },
                        [&](const TypeDef& type) {
                          writer.u8(0x01);
                          write_type_def(writer, type);
                        },
                        [&](const AliasDef& alias) {
                          writer.u8(0x02);
                          write_alias(writer, alias);
                        },
                        [&](const ImportDef& import) {
                          writer.u8(0x03);
                          write_import(writer, import);
                        },
                        [&](const ExportDecl& item) {
                          writer.u8(0x04);
                          write_extern_name(writer, item.name);
                          write_extern_desc(writer, item.desc);
                        }},
             declarator.kind);
}

// Writes each kind of type definition with its code.
class TypeWriter {
 public:
  explicit TypeWriter(ByteWriter& writer) : writer_(writer) {}

  void operator()(PrimitiveType type) { writer_.u8(code_of(type)); }
  void operator()(const RecordDef& record) {
    writer_.u8(0x72);
    write_named_types(writer_, record.fields);
  }
  void operator()(const VariantDef& variant) {
    writer_.u8(0x71);
    writer_.leb_u64(variant.cases.size());
    for (const auto& one : variant.cases) {
      writer_.name(one.name);
      write_optional_type(writer_, one.type);
      writer_.u8(0x00);
    }
  }
  void operator()(const ListDef& list) { one(0x70, list.element); }
  void operator()(const FixedListDef& list) {
    one(0x67, list.element);
    writer_.leb_u32(list.length);
  }
  void operator()(const MapDef& map) {
    one(0x63, map.key);
    write_value_type_use(writer_, map.value);
  }
  void operator()(const TupleDef& tuple) {
    writer_.u8(0x6f);
    writer_.leb_u64(tuple.elements.size());
    for (const auto& element : tuple.elements) write_value_type_use(writer_, element);
  }
  void operator()(const FlagsDef& flags) {
    writer_.u8(0x6e);
    write_labels(writer_, flags.labels);
  }
  void operator()(const EnumDef& cases) {
    writer_.u8(0x6d);
    write_labels(writer_, cases.labels);
  }
  void operator()(const OptionDef& option) { one(0x6b, option.payload); }
  void operator()(const ResultDef& result) {
    optional(0x6a, result.ok);
    write_optional_type(writer_, result.error);
  }
  void operator()(const OwnDef& own) { handle(0x69, own.resource); }
  void operator()(const BorrowDef& borrow) { handle(0x68, borrow.resource); }
  void operator()(const StreamDef& stream) { optional(0x66, stream.payload); }
  void operator()(const FutureDef& future) { optional(0x65, future.payload); }
  void operator()(const FuncDef& function) {
    writer_.u8(function.is_async ? 0x43 : 0x40);
    write_named_types(writer_, function.params);
    write_result_list(writer_, function.result);
  }
  void operator()(const ResourceDef& resource) {
    writer_.u8(0x3f);
    write_core_value_type(writer_, resource.rep);
    writer_.u8(resource.destructor ? 1 : 0);
    if (resource.destructor) writer_.leb_u32(resource.destructor->value);
  }
  void operator()(const ComponentTypeDef& type) { scope(0x41, type.declarators); }
  void operator()(const InstanceTypeDef& type) { scope(0x42, type.declarators); }

 private:
  void one(uint8_t code, const ValueTypeUse& type) {
    writer_.u8(code);
    write_value_type_use(writer_, type);
  }
  void optional(uint8_t code, const std::optional<ValueTypeUse>& type) {
    writer_.u8(code);
    write_optional_type(writer_, type);
  }
  void handle(uint8_t code, TypeIndex resource) {
    writer_.u8(code);
    writer_.leb_u32(resource.value);
  }
  void scope(uint8_t code, const std::vector<Declarator>& declarators) {
    writer_.u8(code);
    writer_.leb_u64(declarators.size());
    for (const auto& declarator : declarators) write_declarator(writer_, declarator);
  }

  ByteWriter& writer_;
};

uint8_t core_code(Sort sort) {
  switch (sort) {
    case Sort::CoreType: return 0x10;
    case Sort::CoreModule: return 0x11;
    case Sort::CoreInstance: return 0x12;
    default: return static_cast<uint8_t>(sort);
  }
}

void write_attribute(ByteWriter& writer, uint8_t code,
                     const std::optional<std::string_view>& value) {
  if (!value) return;
  writer.u8(code);
  writer.name(*value);
}

}  // namespace

void write_sort(ByteWriter& writer, Sort sort) {
  if (sort < Sort::Func) {
    writer.u8(0x00);
    writer.u8(core_code(sort));
  } else {
    writer.u8(
        static_cast<uint8_t>(static_cast<unsigned>(sort) - static_cast<unsigned>(Sort::Func) + 1));
  }
}

void write_sort_index(ByteWriter& writer, SortIndex item) {
  write_sort(writer, item.sort);
  writer.leb_u32(item.index);
}

void write_value_type_use(ByteWriter& writer, const ValueTypeUse& type) {
  if (const auto* primitive = std::get_if<PrimitiveType>(&type)) {
    writer.u8(code_of(*primitive));
  } else {
    writer.leb_s64(std::get<TypeIndex>(type).value);
  }
}

void write_result_list(ByteWriter& writer, const std::optional<ValueTypeUse>& result) {
  writer.u8(result ? 0 : 1);
  if (result) {
    write_value_type_use(writer, *result);
  } else {
    writer.u8(0);
  }
}

void write_extern_name(ByteWriter& writer, const ExternName& name) {
  auto attributes =
      (name.implements ? 1U : 0U) + (name.version_suffix ? 1U : 0U) + (name.external_id ? 1U : 0U);
  writer.u8(attributes == 0 ? 0 : 2);
  writer.name(name.name);
  if (attributes == 0) return;
  writer.leb_u32(attributes);
  write_attribute(writer, 0, name.implements);
  write_attribute(writer, 1, name.version_suffix);
  write_attribute(writer, 2, name.external_id);
}

void write_extern_desc(ByteWriter& writer, const ExternDesc& desc) {
  write_sort(writer, desc.sort());
  if (desc.kind == ExternKind::TypeResource) {
    writer.u8(1);
    return;
  }
  if (desc.kind == ExternKind::TypeEq) writer.u8(0);
  writer.leb_u32(desc.index);
}

void write_import(ByteWriter& writer, const ImportDef& import) {
  write_extern_name(writer, import.name);
  write_extern_desc(writer, import.desc);
}

void write_alias(ByteWriter& writer, const AliasDef& alias) {
  write_sort(writer, alias.sort);
  std::visit(Overloaded{[&](const InstanceExportAlias& target) {
                          writer.u8(0x00);
                          writer.leb_u32(target.instance.value);
                          writer.name(target.name);
                        },
                        [&](const CoreExportAlias& target) {
                          writer.u8(0x01);
                          writer.leb_u32(target.instance.value);
                          writer.name(target.name);
                        },
                        [&](const OuterAlias& target) {
                          writer.u8(0x02);
                          writer.leb_u32(target.count);
                          writer.leb_u32(target.index);
                        }},
             alias.target);
}

void write_type_def(ByteWriter& writer, const TypeDef& def) {
  std::visit(TypeWriter(writer), def.kind);
}

}  // namespace spindle::component
