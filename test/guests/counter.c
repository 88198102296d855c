// A handler that remembers: how instances are used shows in what it answers.
#include "guest.h"

static u32 served;
static handle kept_request, kept_headers, kept_body, kept_stream, kept_outparam;

struct list {
  u8* bytes;
  u32 length;
};

static void answer_number(handle outparam, u32 number) {
  char text[2] = {(char)('0' + number % 10), '\n'};
  struct response made = begin(outparam, 200, fields_new());
  put(&made, text, 2);
  end(&made);
}

// Keeps all that it was given beyond its request.
static void keep(handle request, handle outparam) {
  int result[2];
  kept_request = request;
  kept_headers = request_headers(request);
  request_consume(request, result);
  kept_body = result[1];
  incoming_stream(kept_body, result);
  kept_stream = result[1];
  answer_number(outparam, served);
}

// Asks what the last request left behind.
static void recall(handle outparam) {
  struct {
    u8 is_some, pad[3];
    struct list text;
  } path;
  struct list headers;
  u8 chunk[12];
  request_path(kept_request, &path);
  fields_entries(kept_headers, &headers);
  stream_read(kept_stream, 16, chunk);
  struct response made = begin(outparam, 200, fields_new());
  put(&made, path.text.bytes, path.text.length);
  put(&made, headers.length > 5 ? " with headers" : " without headers", headers.length > 5 ? 13 : 16);
  put(&made, chunk[0] ? ", cut\n" : ", whole\n", chunk[0] ? 6 : 8);
  end(&made);
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  struct {
    u8 is_some, pad[3];
    struct list text;
  } path;
  request_path(request, &path);
  const char* text = (const char*)path.text.bytes;
  u32 length = path.text.length;
#define IS(name) same(text, length, name)
  served++;
  if (IS("/keep")) return keep(request, outparam);
  if (IS("/recall")) return recall(outparam);
  if (IS("/keep-outparam")) {
    kept_outparam = outparam;
    return;
  }
  if (IS("/use-outparam")) {
    answer(kept_outparam, 200, "too late\n");
    return;
  }
  if (IS("/third-time") && served == 3) __builtin_trap();
  if (IS("/loop"))
    for (;;) __asm__ volatile("");
  if (IS("/slow") || IS("/many/slow")) {
    handle pollable = subscribe_duration(200 * 1000000);
    pollable_block(pollable);
    pollable_drop(pollable);
  }
  request_drop(request);
  answer_number(outparam, served);
}
