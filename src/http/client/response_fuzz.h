#pragma once

// What the fuzz targets of responses share: arbitrary bytes are what a server says to one request,
// cut into fragments and read in small or large parts; every way gives the same answer.

#include <cstdlib>
#include <string>
#include <vector>

#include "http/client/client.h"

namespace spindle::http {

inline io::Task<Outcome<std::string>> read_response(Client& client, Method method,
                                                    HeaderView headers, size_t read_size) {
  ClientRequest request{.origin = {.scheme = Scheme::Http, .host = "a", .port = 80},
                        .method = to_string(method)};
  request.authority = "a";
  request.headers = headers;
  auto opening = client.open(request);
  auto exchange = CO_TRY(co_await std::move(opening));
  auto receiving = exchange->receive_head();
  CO_TRY(co_await std::move(receiving));
  auto& response = exchange->response();
  std::string text = std::to_string(response.status());
  std::vector<uint8_t> buffer(read_size);
  while (true) {
    auto step = response.try_read(buffer);
    if (!step) {
      co_return Outcome<std::string>(FailureCode::InternalError, step.error().to_string());
    }
    text.append(reinterpret_cast<const char*>(buffer.data()), step->count);
    if (step->is_ended) break;
    if (step->count > 0) continue;
    auto ready = response.wait_readable();
    (void)co_await io::Eventual<void>::wait(std::move(ready));
  }
  for (const auto& list : {response.headers(), response.trailers()}) {
    for (const auto& header : list) {
      if (header.name.empty() || header.name.data() == nullptr) std::abort();
      text.append(header.name).append(":").append(header.value).append(";");
    }
  }
  co_return text;
}

// `exchange(input, fragment, method, read_size)` gives the answer; the first byte chooses how.
inline int try_responses(const uint8_t* data, size_t size, const auto& exchange) {
  if (size < 1 || size > 20'000) return 0;
  const Bytes input(data + 1, size - 1);
  const auto method = (data[0] & 0x80) != 0 ? Method::Head : Method::Get;
  auto whole = exchange(input, SIZE_MAX, method, 4'096);
  auto cut = exchange(input, data[0] % 16 + 1u, method, 3);
  // Which of several faults is met first depends on the cut; whether there is one does not.
  const bool is_same = whole.has_value() == cut.has_value() && (!whole || *whole == *cut);
  if (!is_same) std::abort();
  return 0;
}

}  // namespace spindle::http
