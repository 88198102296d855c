// A handler whose path says how it behaves, well or badly.
#include "guest.h"

struct list {
  u8* bytes;
  u32 length;
};

static void wait_ms(u64 milliseconds) {
  handle pollable = subscribe_duration(milliseconds * 1000000);
  pollable_block(pollable);
  pollable_drop(pollable);
}

// Copies the request's body to the response as it arrives, then its trailers.
static void echo(handle request, handle outparam) {
  int result[6];
  request_consume(request, result);
  handle incoming = result[1];
  incoming_stream(incoming, result);
  handle input = result[1];
  struct response made = begin(outparam, 200, fields_new());
  for (;;) {
    struct {
      u8 is_error, pad[3];
      union {
        struct list data;
        struct {
          u8 closed, pad[3];
          handle error;
        } failed;
      };
    } chunk;
    stream_read(input, 65536, &chunk);
    if (chunk.is_error) {
      if (!chunk.failed.closed) __builtin_trap();
      break;
    }
    put(&made, chunk.data.bytes, chunk.data.length);
    heap_next = (u32)&__heap_base;
  }
  input_drop(input);
  end(&made);
}

static void say(handle stream, const char* text) {
  u8 result[16];
  stream_write(stream, (const u8*)text, length_of(text), result);
  output_drop(stream);
}

static void allocate_for_ever(void) {
  for (;;) {
    if (__builtin_wasm_memory_grow(0, 16) == (u32)-1) __builtin_trap();
  }
}

static volatile u32 spin;

EXPORT("wasi:http/incoming-handler@" WASI "#handle")
void handle_request(handle request, handle outparam) {
  struct {
    u8 is_some, pad[3];
    struct list text;
  } path;
  request_path(request, &path);
  const char* text = (const char*)path.text.bytes;
  u32 length = path.text.length;
#define IS(name) same(text, length, name)

  if (IS("/trap")) __builtin_trap();
  if (IS("/exit")) exit_guest(1);
  if (IS("/exit-ok")) exit_guest(0);
  if (IS("/silent")) return;
  if (IS("/loop"))
    for (;;) spin++;
  if (IS("/wait-for-ever")) wait_ms(3600000);
  if (IS("/allocate")) allocate_for_ever();
  if (IS("/error")) {
    outparam_set(outparam, 1, 38, 0, 0, 0, 0, 0, 0);
    return;
  }
  if (IS("/echo")) return echo(request, outparam);
  if (IS("/log")) {
    say(get_stdout(), "to stdout\n");
    say(get_stderr(), "to stderr\n");
    return answer(outparam, 200, "logged\n");
  }
  if (IS("/late")) {
    // Works on after its response.
    answer(outparam, 200, "early\n");
    wait_ms(400);
    say(get_stdout(), "late work done\n");
    return;
  }
  if (IS("/stream")) {
    struct response made = begin(outparam, 200, fields_new());
    for (int i = 0; i < 5; i++) {
      put(&made, "tick\n", 5);
      wait_ms(10);
    }
    return end(&made);
  }
  if (IS("/cut-by-trap")) {
    struct response made = begin(outparam, 200, fields_new());
    put(&made, "half", 4);
    wait_ms(20);
    __builtin_trap();
  }
  if (IS("/cut-by-drop")) {
    struct response made = begin(outparam, 200, fields_new());
    put(&made, "half", 4);
    output_drop(made.stream);
    body_drop(made.body);
    return;
  }
  if (IS("/trailers")) {
    u8 result[64];
    struct response made = begin(outparam, 200, fields_new());
    put(&made, "body", 4);
    output_drop(made.stream);
    handle trailers = fields_new();
    fields_append(trailers, "x-sum", 5, (const u8*)"42", 2, result);
    body_finish(made.body, 1, trailers, result);
    return;
  }
  if (IS("/big")) {
    static u8 zeroes[65536];
    struct response made = begin(outparam, 200, fields_new());
    for (int i = 0; i < 1024; i++) put(&made, zeroes, sizeof zeroes);
    return end(&made);
  }
  if (IS("/bad-handle")) {
    fields_drop(12345);
    return;
  }
  answer(outparam, 404, "no such behavior\n");
}
