#include "component/binary/type_reader.h"

#include <fmt/format.h>

#include "component/binary/core_reader.h"
#include "component/binary/limits.h"

namespace spindle::component {

Error values_not_supported(uint64_t offset) {
  return Error::not_supported("component values and start functions are not supported")
      .with_offset(offset);
}

namespace {

Result<Sort> read_core_sort(ByteReader& reader) {
  auto code = TRY(reader.u8());
  switch (code) {
    case 0x00: return Sort::CoreFunc;
    case 0x01: return Sort::CoreTable;
    case 0x02: return Sort::CoreMemory;
    case 0x03: return Sort::CoreGlobal;
    case 0x04: return Sort::CoreTag;
    case 0x10: return Sort::CoreType;
    case 0x11: return Sort::CoreModule;
    case 0x12: return Sort::CoreInstance;
    default: return unknown_code(reader, code, "a core sort");
  }
}

std::optional<PrimitiveType> find_primitive(uint8_t code) {
  switch (code) {
    case 0x7f: return PrimitiveType::Bool;
    case 0x7e: return PrimitiveType::S8;
    case 0x7d: return PrimitiveType::U8;
    case 0x7c: return PrimitiveType::S16;
    case 0x7b: return PrimitiveType::U16;
    case 0x7a: return PrimitiveType::S32;
    case 0x79: return PrimitiveType::U32;
    case 0x78: return PrimitiveType::S64;
    case 0x77: return PrimitiveType::U64;
    case 0x76: return PrimitiveType::F32;
    case 0x75: return PrimitiveType::F64;
    case 0x74: return PrimitiveType::Char;
    case 0x73: return PrimitiveType::String;
    case 0x64: return PrimitiveType::ErrorContext;
    default: return std::nullopt;
  }
}

Result<NamedTypeUse> read_named_type(ByteReader& reader) {
  auto name = TRY(read_name(reader));
  auto type = TRY(read_value_type_use(reader));
  return NamedTypeUse{name, type};
}

Result<CaseDef> read_case(ByteReader& reader) {
  auto name = TRY(read_name(reader));
  auto type = TRY(read_optional_value_type(reader));
  // A relic: cases could refine others.
  auto end = TRY(reader.u8());
  if (end != 0) return unknown_code(reader, end, "0 at the end of a variant case");
  return CaseDef{name, type};
}

// Reads one type definition.
class TypeReader {
 public:
  TypeReader(ByteReader& reader, ItemBudget& budget) : reader_(reader), budget_(budget) {}

  Result<TypeDef> read();

 private:
  Result<void> read_into(TypeDef& def, uint8_t code);
  Result<void> read_handle_type(TypeDef& def, uint8_t code);
  Result<FuncDef> read_function(uint8_t code);
  Result<ResourceDef> read_resource();
  Result<std::vector<Declarator>> read_declarators(uint8_t code);
  Result<Declarator> read_declarator(uint8_t scope_code);

  ByteReader& reader_;
  ItemBudget& budget_;
  // Component and instance types around the one that is read.
  size_t depth_ = 0;
};

Result<TypeDef> TypeReader::read() {
  auto code = TRY(reader_.u8());
  TypeDef def;
  if (auto primitive = find_primitive(code)) {
    def.kind = *primitive;
    return def;
  }
  TRY(read_into(def, code));
  return def;
}

Result<void> TypeReader::read_into(TypeDef& def, uint8_t code) {
  switch (code) {
    case 0x3f: def.kind = TRY(read_resource()); return {};
    case 0x40:
    case 0x43: def.kind = TRY(read_function(code)); return {};
    case 0x41: {
      auto declarators = TRY(read_declarators(code));
      def.kind = ComponentTypeDef{std::move(declarators)};
      return {};
    }
    case 0x42: {
      auto declarators = TRY(read_declarators(code));
      def.kind = InstanceTypeDef{std::move(declarators)};
      return {};
    }
    case 0x72: {
      auto fields = TRY(read_vector(reader_, kMaxFields, "record fields", read_named_type));
      def.kind = RecordDef{std::move(fields)};
      return {};
    }
    case 0x71: {
      auto cases = TRY(read_vector(reader_, kMaxFields, "variant cases", read_case));
      def.kind = VariantDef{std::move(cases)};
      return {};
    }
    case 0x6f: {
      auto elements = TRY(read_vector(reader_, kMaxFields, "tuple types", read_value_type_use));
      def.kind = TupleDef{std::move(elements)};
      return {};
    }
    case 0x6e: {
      auto labels = TRY(read_vector(reader_, kMaxFlagLabels, "flags", read_name));
      def.kind = FlagsDef{std::move(labels)};
      return {};
    }
    case 0x6d: {
      auto labels = TRY(read_vector(reader_, kMaxFields, "enum cases", read_name));
      def.kind = EnumDef{std::move(labels)};
      return {};
    }
    default: return read_handle_type(def, code);
  }
}

// Types made of at most two others.
Result<void> TypeReader::read_handle_type(TypeDef& def, uint8_t code) {
  switch (code) {
    case 0x70: {
      auto element = TRY(read_value_type_use(reader_));
      def.kind = ListDef{element};
      return {};
    }
    case 0x67: {
      auto element = TRY(read_value_type_use(reader_));
      auto length = TRY(reader_.leb_u32());
      def.kind = FixedListDef{element, length};
      return {};
    }
    case 0x63: {
      auto key = TRY(read_value_type_use(reader_));
      auto value = TRY(read_value_type_use(reader_));
      def.kind = MapDef{key, value};
      return {};
    }
    case 0x6b: {
      auto payload = TRY(read_value_type_use(reader_));
      def.kind = OptionDef{payload};
      return {};
    }
    case 0x6a: {
      auto ok = TRY(read_optional_value_type(reader_));
      auto error = TRY(read_optional_value_type(reader_));
      def.kind = ResultDef{ok, error};
      return {};
    }
    case 0x69:
    case 0x68: {
      TypeIndex resource{TRY(reader_.leb_u32())};
      if (code == 0x69) {
        def.kind = OwnDef{resource};
      } else {
        def.kind = BorrowDef{resource};
      }
      return {};
    }
    case 0x66:
    case 0x65: {
      auto payload = TRY(read_optional_value_type(reader_));
      if (code == 0x66) {
        def.kind = StreamDef{payload};
      } else {
        def.kind = FutureDef{payload};
      }
      return {};
    }
    default: return unknown_code(reader_, code, "a type definition");
  }
}

Result<FuncDef> TypeReader::read_function(uint8_t code) {
  FuncDef function;
  function.is_async = code == 0x43;
  function.params = TRY(read_vector(reader_, kMaxFunctionParams, "parameters", read_named_type));
  function.result = TRY(read_result_list(reader_));
  return function;
}

Result<ResourceDef> TypeReader::read_resource() {
  ResourceDef resource;
  resource.rep = TRY(read_core_value_type(reader_));
  auto has_destructor = TRY(read_flag(reader_, "the presence of a destructor"));
  if (has_destructor) {
    auto destructor = TRY(reader_.leb_u32());
    resource.destructor = CoreFuncIndex(destructor);
  }
  return resource;
}

Result<std::vector<Declarator>> TypeReader::read_declarators(uint8_t code) {
  if (depth_ >= kMaxTypeDepth) {
    return Error::limit_exceeded(fmt::format("types nest deeper than {} levels", kMaxTypeDepth))
        .with_offset(reader_.offset());
  }
  ++depth_;
  auto declarators = TRY(read_vector(reader_, kMaxTypeDeclarators, "type declarators",
                                     [&](ByteReader&) { return read_declarator(code); }));
  --depth_;
  return declarators;
}

Result<Declarator> TypeReader::read_declarator(uint8_t scope_code) {
  Declarator declarator;
  declarator.offset = reader_.offset();
  TRY(budget_.take(1, declarator.offset));
  auto code = TRY(reader_.u8());
  switch (code) {
    case 0x00: declarator.kind = TRY(read_core_type_def(reader_, budget_)); return declarator;
    case 0x01: declarator.kind = TRY(read()); return declarator;
    case 0x02: declarator.kind = TRY(read_alias(reader_)); return declarator;
    case 0x03: {
      if (scope_code != 0x41) return unknown_code(reader_, code, "an instance type declarator");
      declarator.kind = TRY(read_import(reader_));
      return declarator;
    }
    case 0x04: {
      auto name = TRY(read_extern_name(reader_));
      auto desc = TRY(read_extern_desc(reader_));
      declarator.kind = ExportDecl{name, desc};
      return declarator;
    }
    default: return unknown_code(reader_, code, "a type declarator");
  }
}

}  // namespace

Result<Sort> read_sort(ByteReader& reader) {
  auto code = TRY(reader.u8());
  switch (code) {
    case 0x00: return read_core_sort(reader);
    case 0x01: return Sort::Func;
    case 0x02: return Sort::Value;
    case 0x03: return Sort::Type;
    case 0x04: return Sort::Component;
    case 0x05: return Sort::Instance;
    default: return unknown_code(reader, code, "a sort");
  }
}

Result<SortIndex> read_sort_index(ByteReader& reader) {
  auto sort = TRY(read_sort(reader));
  auto index = TRY(reader.leb_u32());
  return SortIndex{sort, index};
}

Result<ValueTypeUse> read_value_type_use(ByteReader& reader) {
  auto start = reader.offset();
  auto code = TRY(reader.peek());
  if (auto primitive = find_primitive(code)) {
    TRY(reader.u8());
    return ValueTypeUse(*primitive);
  }
  auto index = TRY(reader.leb_s33());
  if (index < 0) {
    return Error::invalid_input(fmt::format("unknown value type 0x{:02x}", code))
        .with_offset(start);
  }
  return ValueTypeUse(TypeIndex(index));
}

Result<std::optional<ValueTypeUse>> read_optional_value_type(ByteReader& reader) {
  auto present = TRY(read_flag(reader, "the presence of a type"));
  if (!present) return std::optional<ValueTypeUse>();
  auto type = TRY(read_value_type_use(reader));
  return std::optional<ValueTypeUse>(type);
}

Result<std::optional<ValueTypeUse>> read_result_list(ByteReader& reader) {
  auto code = TRY(reader.u8());
  if (code == 0x00) {
    auto type = TRY(read_value_type_use(reader));
    return std::optional<ValueTypeUse>(type);
  }
  if (code != 0x01) return unknown_code(reader, code, "a function result");
  auto count = TRY(reader.u8());
  if (count != 0) return unknown_code(reader, count, "0, named results are no longer supported");
  return std::optional<ValueTypeUse>();
}

Result<ExternName> read_extern_name(ByteReader& reader) {
  auto form = TRY(reader.u8());
  // 1 marked interface names in early binaries.
  if (form > 2) return unknown_code(reader, form, "the form of a name");
  ExternName name;
  name.name = TRY(read_name(reader));
  if (form != 2) return name;
  auto count = TRY(read_count(reader, 3, "attributes of a name"));
  for (uint32_t i = 0; i < count; ++i) {
    auto code = TRY(reader.u8());
    if (code > 2) return unknown_code(reader, code, "an attribute of a name");
    auto& slot = code == 0 ? name.implements : code == 1 ? name.version_suffix : name.external_id;
    if (slot) return unknown_code(reader, code, "each attribute of a name only once");
    slot = TRY(read_name(reader));
  }
  return name;
}

Result<ExternDesc> read_extern_desc(ByteReader& reader) {
  auto start = reader.offset();
  auto sort = TRY(read_sort(reader));
  ExternDesc desc;
  switch (sort) {
    case Sort::CoreModule: desc.kind = ExternKind::Module; break;
    case Sort::Func: desc.kind = ExternKind::Func; break;
    case Sort::Component: desc.kind = ExternKind::Component; break;
    case Sort::Instance: desc.kind = ExternKind::Instance; break;
    case Sort::Value: return values_not_supported(start);
    case Sort::Type: {
      auto bound = TRY(read_flag(reader, "a type bound"));
      desc.kind = bound ? ExternKind::TypeResource : ExternKind::TypeEq;
      if (bound) return desc;
      break;
    }
    default:
      return Error::invalid_input(
                 fmt::format("a {} cannot be imported or exported", to_string(sort)))
          .with_offset(start);
  }
  desc.index = TRY(reader.leb_u32());
  return desc;
}

Result<ImportDef> read_import(ByteReader& reader) {
  auto name = TRY(read_extern_name(reader));
  auto desc = TRY(read_extern_desc(reader));
  return ImportDef{name, desc};
}

Result<AliasDef> read_alias(ByteReader& reader) {
  auto start = reader.offset();
  AliasDef alias;
  alias.sort = TRY(read_sort(reader));
  auto target = TRY(reader.u8());
  bool core_item = alias.sort <= Sort::CoreTag;
  bool allowed = true;
  switch (target) {
    case 0x00: {
      allowed = alias.sort >= Sort::Func || alias.sort == Sort::CoreModule;
      InstanceIndex instance{TRY(reader.leb_u32())};
      auto name = TRY(read_name(reader));
      alias.target = InstanceExportAlias{instance, name};
      break;
    }
    case 0x01: {
      allowed = core_item;
      CoreInstanceIndex instance{TRY(reader.leb_u32())};
      auto name = TRY(read_name(reader));
      alias.target = CoreExportAlias{instance, name};
      break;
    }
    case 0x02: {
      allowed = alias.sort == Sort::CoreModule || alias.sort == Sort::CoreType ||
                alias.sort == Sort::Type || alias.sort == Sort::Component;
      auto count = TRY(reader.leb_u32());
      auto index = TRY(reader.leb_u32());
      alias.target = OuterAlias{count, index};
      break;
    }
    default: return unknown_code(reader, target, "an alias target");
  }
  if (!allowed) {
    return Error::invalid_input(
               fmt::format("a {} cannot be aliased in this way", to_string(alias.sort)))
        .with_offset(start);
  }
  if (alias.sort == Sort::Value) return values_not_supported(start);
  return alias;
}

Result<TypeDef> read_type_def(ByteReader& reader, ItemBudget& budget) {
  return TypeReader(reader, budget).read();
}

}  // namespace spindle::component
