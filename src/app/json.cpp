#include "app/json.h"

#include <cmath>

#include "boost/json/src.hpp"
#include "fmt/format.h"

namespace spindle::app {
namespace {

namespace json = boost::json;

Value convert(const json::value& source) {
  switch (source.kind()) {
    case json::kind::null: return {};
    case json::kind::bool_: return Value(source.get_bool());
    case json::kind::int64: return Value(int64_t{source.get_int64()});
    case json::kind::uint64: return Value(static_cast<double>(source.get_uint64()));
    case json::kind::double_: return Value(source.get_double());
    case json::kind::string: return Value(std::string(source.get_string()));
    case json::kind::array: {
      Array array;
      for (const json::value& item : source.get_array()) array.push_back(convert(item));
      return Value(std::move(array));
    }
    case json::kind::object: {
      Table table;
      for (const auto& [key, value] : source.get_object())
        table.append(std::string(key), convert(value));
      return Value(std::move(table));
    }
  }
  return {};
}

class Writer {
 public:
  explicit Writer(JsonStyle style) : pretty_(style == JsonStyle::Pretty) {}

  void write(const Value& value) {
    if (const bool* boolean = value.as_bool()) {
      out_ += *boolean ? "true" : "false";
    } else if (const int64_t* integer = value.as_integer()) {
      out_ += fmt::to_string(*integer);
    } else if (const double* number = value.as_float()) {
      out_ += std::isfinite(*number) ? json::serialize(json::value(*number)) : "null";
    } else if (const std::string* text = value.as_string()) {
      write_string(*text);
    } else if (const Array* array = value.as_array()) {
      write_all('[', *array, ']', [this](const Value& item) { write(item); });
    } else if (const Table* table = value.as_table()) {
      write_all('{', *table, '}', [this](const TableEntry& entry) {
        write_string(entry.key);
        out_ += pretty_ ? ": " : ":";
        write(entry.value);
      });
    } else {
      out_ += "null";
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void write_string(std::string_view text) { out_ += json::serialize(json::string_view(text)); }

  template <typename Items, typename F>
  void write_all(char open, const Items& items, char close, F&& write_one) {
    out_ += open;
    ++depth_;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      break_line();
      write_one(item);
    }
    --depth_;
    if (!first) break_line();
    out_ += close;
  }
  void break_line() {
    if (pretty_) out_.append("\n").append(depth_ * 2, ' ');
  }

  bool pretty_;
  size_t depth_ = 0;
  std::string out_;
};

}  // namespace

Result<Value> parse_json(std::string_view text) {
  if (text.size() > kMaxJsonBytes)
    return Error::limit_exceeded(
        fmt::format("JSON of {} bytes is more than the limit of {}", text.size(), kMaxJsonBytes));
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::system::error_code error;
  json::value parsed = json::parse(json::string_view(text), error, {}, options);
  if (error) return Error::invalid_input(fmt::format("invalid JSON: {}", error.message()));
  return convert(parsed);
}

std::string to_json(const Value& value, JsonStyle style) {
  Writer writer(style);
  writer.write(value);
  return writer.take();
}

}  // namespace spindle::app
