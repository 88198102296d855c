#include "json_value.h"

#include <bit>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/utf8.h"

namespace spindle::conformance {
namespace {

namespace json = boost::json;
using component::DynamicValue;
using component::TypeKind;
using component::TypeRef;
using component::TypeShape;
using component::ValueType;

Error wrong(const json::value& value) {
  return Error::invalid_input("a value does not fit its type: " + json::serialize(value));
}

Result<DynamicValue> integer_from(const std::string& text) {
  const char* end = text.data() + text.size();
  if (!text.empty() && text[0] == '-') {
    int64_t number = 0;
    if (std::from_chars(text.data(), end, number).ptr != end) {
      return Error::invalid_input("not a number: " + text);
    }
    return DynamicValue::scalar(static_cast<uint64_t>(number));
  }
  uint64_t number = 0;
  if (std::from_chars(text.data(), end, number).ptr != end) {
    return Error::invalid_input("not a number: " + text);
  }
  return DynamicValue::scalar(number);
}

uint32_t first_point(std::string_view utf8) {
  if (utf8.empty()) return 0;
  const auto lead = static_cast<uint8_t>(utf8[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
  for (size_t i = 1; i < length && i < utf8.size(); ++i) {
    point = point << 6 | (static_cast<uint8_t>(utf8[i]) & 0x3f);
  }
  return point;
}

Result<uint64_t> case_named(const ValueType& type, std::string_view label) {
  for (size_t i = 0; i < type.members.size(); ++i) {
    if (type.members[i].label == label) return uint64_t{i};
  }
  return Error::invalid_input(fmt::format("no case `{}`", label));
}

Result<DynamicValue> scalar_from(const json::value& value, const ValueType& type) {
  if (type.kind == TypeKind::Bool) {
    if (!value.is_bool()) return wrong(value);
    return DynamicValue::scalar(value.as_bool() ? 1 : 0);
  }
  if (!value.is_string()) return wrong(value);
  const std::string text(value.as_string());
  if (type.kind == TypeKind::Char) return DynamicValue::scalar(first_point(text));
  return integer_from(text);
}

Result<DynamicValue> list_from(const json::value& value, const ValueType& type) {
  if (!value.is_array()) return wrong(value);
  DynamicValue list;
  for (const json::value& item : value.as_array()) {
    DynamicValue element = TRY(from_json(item, *type.element));
    if (type.element->copyable && type.element->shape == TypeShape::Scalar) {
      list.bytes.append(reinterpret_cast<const char*>(&element.bits), type.element->size);
    } else {
      list.items.push_back(std::move(element));
    }
  }
  return list;
}

Result<DynamicValue> record_from(const json::value& value, const ValueType& type) {
  if (!value.is_array() || value.as_array().size() != type.members.size()) return wrong(value);
  DynamicValue record;
  for (size_t i = 0; i < type.members.size(); ++i) {
    const json::value* item = &value.as_array()[i];
    // A record's fields are [name, value], a tuple's elements and a map's pairs only values.
    if (type.kind == TypeKind::Record) {
      if (!item->is_array() || item->as_array().size() != 2) return wrong(*item);
      item = &item->as_array()[1];
    }
    DynamicValue field = TRY(from_json(*item, *type.members[i].type));
    record.items.push_back(std::move(field));
  }
  return record;
}

Result<DynamicValue> case_value(const ValueType& type, std::string_view label,
                                const json::value* payload) {
  const uint64_t index = TRY(case_named(type, label));
  DynamicValue variant = DynamicValue::scalar(index);
  TypeRef payload_type = type.members[index].type;
  if (payload_type != nullptr && payload != nullptr) {
    DynamicValue item = TRY(from_json(*payload, *payload_type));
    variant.items.push_back(std::move(item));
  }
  return variant;
}

Result<DynamicValue> variant_from(const json::value& value, const ValueType& type) {
  switch (type.kind) {
    case TypeKind::Enum:
      if (!value.is_string()) return wrong(value);
      return case_value(type, value.as_string(), nullptr);
    case TypeKind::Option:
      return value.is_null() ? case_value(type, "none", nullptr) : case_value(type, "some", &value);
    case TypeKind::Result: {
      if (!value.is_object()) return wrong(value);
      const json::object& object = value.as_object();
      if (const json::value* ok = object.if_contains("Ok")) return case_value(type, "ok", ok);
      return case_value(type, "error", object.if_contains("Err"));
    }
    default: {
      if (!value.is_object()) return wrong(value);
      const json::object& object = value.as_object();
      const json::value* label = object.if_contains("case");
      if (label == nullptr || !label->is_string()) return wrong(value);
      return case_value(type, label->as_string(), object.if_contains("payload"));
    }
  }
}

Result<DynamicValue> flags_from(const json::value& value, const ValueType& type) {
  if (!value.is_array()) return wrong(value);
  DynamicValue flags;
  for (const json::value& label : value.as_array()) {
    if (!label.is_string()) return wrong(label);
    const uint64_t index = TRY(case_named(type, label.as_string()));
    flags.bits |= uint64_t{1} << index;
  }
  return flags;
}

bool is_nan(const DynamicValue& value, const ValueType& type) {
  if (type.kind == TypeKind::F32) {
    return std::isnan(std::bit_cast<float>(static_cast<uint32_t>(value.bits)));
  }
  return type.kind == TypeKind::F64 && std::isnan(std::bit_cast<double>(value.bits));
}

uint64_t significant(const DynamicValue& value, const ValueType& type) {
  return type.size >= 8 ? value.bits : value.bits & ((uint64_t{1} << (8 * type.size)) - 1);
}

}  // namespace

Result<DynamicValue> from_json(const json::value& wrapped, const ValueType& type) {
  // Nested values are wrapped like outer ones.
  const json::value* value = &wrapped;
  if (wrapped.is_object()) {
    if (const json::value* inner = wrapped.as_object().if_contains("value")) {
      value = inner;
    } else if (const json::object& object = wrapped.as_object();
               object.contains("type") && !object.contains("case")) {
      static const json::value none;
      value = &none;
    }
  }
  switch (type.shape) {
    case TypeShape::Scalar: return scalar_from(*value, type);
    case TypeShape::String:
      if (!value->is_string()) return wrong(*value);
      return DynamicValue::string(std::string(value->as_string()));
    case TypeShape::List:
    case TypeShape::FixedList: return list_from(*value, type);
    case TypeShape::Record: return record_from(*value, type);
    case TypeShape::Variant: return variant_from(*value, type);
    case TypeShape::Flags: return flags_from(*value, type);
    case TypeShape::Handle: break;
  }
  return Error::not_supported("handles have no literal form");
}

bool equal(const DynamicValue& a, const DynamicValue& b, const ValueType& type) {
  switch (type.shape) {
    case TypeShape::Scalar:
      if (is_nan(a, type) && is_nan(b, type)) return true;
      return significant(a, type) == significant(b, type);
    case TypeShape::String: return component::to_utf8(a) == component::to_utf8(b);
    case TypeShape::List:
    case TypeShape::FixedList: {
      const std::vector<DynamicValue> left = component::list_elements(a, type);
      const std::vector<DynamicValue> right = component::list_elements(b, type);
      if (left.size() != right.size()) return false;
      for (size_t i = 0; i < left.size(); ++i) {
        if (!equal(left[i], right[i], *type.element)) return false;
      }
      return true;
    }
    case TypeShape::Record:
      for (size_t i = 0; i < type.members.size(); ++i) {
        if (!equal(a.items[i], b.items[i], *type.members[i].type)) return false;
      }
      return true;
    case TypeShape::Variant: {
      if (a.bits != b.bits) return false;
      TypeRef payload = type.members[a.bits].type;
      return payload == nullptr || equal(a.items.at(0), b.items.at(0), *payload);
    }
    default: return a.bits == b.bits;
  }
}

std::string to_text(const DynamicValue& value, const ValueType& type) {
  switch (type.shape) {
    case TypeShape::String: return fmt::format("\"{}\"", component::to_utf8(value));
    case TypeShape::List:
    case TypeShape::FixedList: {
      std::string text = "[";
      for (const DynamicValue& item : component::list_elements(value, type)) {
        text += to_text(item, *type.element) + ",";
      }
      return text + "]";
    }
    case TypeShape::Record: {
      std::string text = "(";
      for (size_t i = 0; i < type.members.size(); ++i) {
        text += to_text(value.items[i], *type.members[i].type) + ",";
      }
      return text + ")";
    }
    case TypeShape::Variant: {
      const component::TypeMember& chosen = type.members[value.bits];
      if (chosen.type == nullptr) return chosen.label;
      return fmt::format("{}({})", chosen.label, to_text(value.items[0], *chosen.type));
    }
    default: return fmt::format("{}", static_cast<int64_t>(value.bits));
  }
}

}  // namespace spindle::conformance
