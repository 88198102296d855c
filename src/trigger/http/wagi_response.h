#pragma once

// What a command prints becomes a response: headers up to the first empty line, then the body.
//
//   content-type: text/plain            the response needs one of content-type, location and
//   status: 404                         status; a location without a status means 302
//
//   no such page
//
// Works:   header lines end with LF or CRLF; a name that repeats has its last value; names and
//          values that are none are left out.
// Refused: no output at all, and more than kWagiHeadBytesMax or kWagiHeadersMax of headers, are
//          errors; without one of the three headers the response says so with status 500, with a
//          status that is none it is 502.
// Differs: content-length and other headers of the connection are the server's to set.

#include <span>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "io/event_loop.h"
#include "wasi/core/output_sink.h"

namespace spindle::trigger {

inline constexpr size_t kWagiHeadBytesMax = size_t{64} << 10;
inline constexpr size_t kWagiHeadersMax = 256;
// What a command may print in all.
inline constexpr size_t kWagiOutputBytesMax = size_t{128} << 20;

// What a command prints, as long as there is room.
class WagiOutput final : public wasi::OutputSink, public std::enable_shared_from_this<WagiOutput> {
 public:
  using OnOverflow = std::move_only_function<void()>;

  // `on_overflow` is called from the loop, once, unless detach() comes first. What is printed after
  // that is forgotten.
  WagiOutput(io::EventLoop& loop, OnOverflow on_overflow)
      : loop_(loop), on_overflow_(std::move(on_overflow)) {}

  void write(std::span<const uint8_t> bytes) override;
  void detach() { on_overflow_ = {}; }
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  io::EventLoop& loop_;
  OnOverflow on_overflow_;
  std::vector<uint8_t> bytes_;
  bool is_full_ = false;
};

struct WagiResponse {
  uint16_t status = 200;
  http::Headers headers;
  std::span<const uint8_t> body;  // of the output, or a constant
  // What is wrong with the output; empty if nothing is.
  std::string_view complaint;
};

// Views `output`.
Result<WagiResponse> read_wagi_output(std::span<const uint8_t> output);

}  // namespace spindle::trigger
