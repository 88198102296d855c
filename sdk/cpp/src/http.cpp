// Requests, responses and headers as values: the same in a guest and in a native test.

#include <spindle/http.h>

#include <algorithm>

namespace spindle::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

Response typed(std::string content, int status, std::string_view type) {
  Response response(status, std::move(content));
  response.headers.append("content-type", type);
  return response;
}

}  // namespace

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [key, value] : fields_) {
    if (same_name(key, name)) found.push_back(value);
  }
  return found;
}

void Headers::append(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  append(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return same_name(field.first, name); });
}

std::string unescape(std::string_view text, char plus) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool has_digits = text[i] == '%' && i + 2 < text.size();
    const int high = has_digits ? digit(text[i + 1]) : -1;
    const int low = has_digits ? digit(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? plus : text[i]);
    }
  }
  return out;
}

Request::Request(std::string method, std::string uri, std::string body)
    : method_(std::move(method)), uri_(std::move(uri)), body_(std::move(body)) {}

std::string_view Request::path() const {
  std::string_view rest = uri_;
  if (const size_t at = rest.find("://"); !rest.starts_with('/') && at != rest.npos) {
    const size_t slash = rest.find('/', at + 3);
    if (slash == std::string_view::npos) return "/";
    rest = rest.substr(slash);
  }
  return rest.substr(0, rest.find_first_of("?#"));
}

std::optional<std::string> Request::query(std::string_view name) const {
  const size_t mark = uri_.find('?');
  if (mark == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(uri_).substr(mark + 1);
  rest = rest.substr(0, rest.find('#'));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (unescape(pair.substr(0, equals), ' ') != name) continue;
    return unescape(pair.substr(std::min(equals + 1, pair.size())), ' ');
  }
  return std::nullopt;
}

Result<std::string> Request::read() const {
  if (!body_.empty()) return std::exchange(body_, {});
  return reader_ == nullptr ? Result<std::string>() : reader_->read();
}

const std::string& Request::body() const {
  while (reader_ != nullptr) {
    Result<std::string> part = reader_->read();
    if (!part.has_value() || part->empty()) {
      reader_.reset();
    } else {
      body_ += *part;
    }
  }
  return body_;
}

void Request::set_body(std::string body) {
  body_ = std::move(body);
  reader_.reset();
}

void Request::set_body(std::unique_ptr<BodyReader> reader) {
  body_.clear();
  reader_ = std::move(reader);
}

std::string_view Request::parameter(std::string_view name) const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.name == name) return parameter.value;
  }
  return {};
}

std::string_view Response::content() const {
  const auto* found = std::get_if<std::string>(&body);
  return found == nullptr ? std::string_view() : *found;
}

Response text(std::string content, int status) {
  return typed(std::move(content), status, "text/plain; charset=utf-8");
}

Response html(std::string content, int status) {
  return typed(std::move(content), status, "text/html; charset=utf-8");
}

Response json_text(std::string content, int status) {
  return typed(std::move(content), status, "application/json");
}

Response stream(BodyFunction body, int status) {
  Response response(status);
  response.body = std::move(body);
  return response;
}

Response redirect(std::string_view location, int status) {
  Response response(status);
  response.headers.append("location", location);
  return response;
}

}  // namespace spindle::http
