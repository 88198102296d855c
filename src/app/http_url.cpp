#include "app/http_url.h"

#include <ada.h>

namespace spindle::app {
namespace {

constexpr size_t kMaxUrlBytes = 64 * 1024;

std::optional<HttpUrl> read(std::string_view text, const ada::url_aggregator* base) {
  if (text.size() > kMaxUrlBytes) return std::nullopt;
  auto parsed = ada::parse<ada::url_aggregator>(text, base);
  if (!parsed) return std::nullopt;
  const std::string_view protocol = parsed->get_protocol();
  if (protocol != "http:" && protocol != "https:") return std::nullopt;
  parsed->set_hash("");
  HttpUrl url;
  url.scheme = protocol.substr(0, protocol.size() - 1);
  url.authority = parsed->get_host();
  url.target = parsed->get_pathname();
  url.target += parsed->get_search();
  url.text = parsed->get_href();
  return url;
}

}  // namespace

std::optional<HttpUrl> HttpUrl::parse(std::string_view text) {
  return read(text, nullptr);
}

std::optional<HttpUrl> HttpUrl::resolve(std::string_view reference) const {
  auto base = ada::parse<ada::url_aggregator>(text);
  if (!base) return std::nullopt;
  return read(reference, &*base);
}

}  // namespace spindle::app
