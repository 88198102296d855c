// What the tests' guests share: the imports of wasi:http and friends that they use, declared by
// hand as core functions (the canonical ABI's flat form), and a bump allocator. No C library.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int handle;

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name), used))

// The version of WASI.
#ifndef WASI
#define WASI "0.2.3"
#endif
#define HTTP "wasi:http/types@" WASI
#define IO "wasi:io/streams@" WASI

IMPORT(HTTP, "[constructor]fields") handle fields_new(void);
IMPORT(HTTP, "[method]fields.append")
void fields_append(handle self, const char* name, u32 name_len, const u8* value, u32 value_len,
                   void* ret);
IMPORT(HTTP, "[resource-drop]fields") void fields_drop(handle self);
IMPORT(HTTP, "[constructor]outgoing-response") handle response_new(handle headers);
IMPORT(HTTP, "[method]outgoing-response.set-status-code")
int response_set_status(handle self, int status);
IMPORT(HTTP, "[method]outgoing-response.body") void response_body(handle self, void* ret);
IMPORT(HTTP, "[method]outgoing-body.write") void body_write(handle self, void* ret);
IMPORT(HTTP, "[static]outgoing-body.finish")
void body_finish(handle self, int has_trailers, handle trailers, void* ret);
IMPORT(HTTP, "[resource-drop]outgoing-body") void body_drop(handle self);
// result<own<outgoing-response>, error-code>, flat; the error code's payload is never used here.
IMPORT(HTTP, "[static]response-outparam.set")
void outparam_set(handle self, int is_error, int value, int a, u64 b, int c, int d, int e, int f);
IMPORT(HTTP, "[resource-drop]response-outparam") void outparam_drop(handle self);
IMPORT(HTTP, "[method]incoming-request.path-with-query") void request_path(handle self, void* ret);
IMPORT(HTTP, "[method]incoming-request.headers") handle request_headers(handle self);
IMPORT(HTTP, "[method]incoming-request.consume") void request_consume(handle self, void* ret);
IMPORT(HTTP, "[resource-drop]incoming-request") void request_drop(handle self);
IMPORT(HTTP, "[method]fields.entries") void fields_entries(handle self, void* ret);
IMPORT(HTTP, "[method]incoming-body.stream") void incoming_stream(handle self, void* ret);
IMPORT(HTTP, "[static]incoming-body.finish") handle incoming_finish(handle self);
IMPORT(HTTP, "[resource-drop]incoming-body") void incoming_drop(handle self);
IMPORT(HTTP, "[method]future-trailers.get") void trailers_get(handle self, void* ret);
IMPORT(HTTP, "[method]future-trailers.subscribe") handle trailers_subscribe(handle self);
IMPORT(HTTP, "[resource-drop]future-trailers") void trailers_drop(handle self);
IMPORT(IO, "[method]output-stream.blocking-write-and-flush")
void stream_write(handle self, const u8* bytes, u32 len, void* ret);
IMPORT(IO, "[method]output-stream.blocking-flush") void stream_flush(handle self, void* ret);
IMPORT(IO, "[method]output-stream.check-write") void stream_check(handle self, void* ret);
IMPORT(IO, "[method]output-stream.write")
void stream_write_some(handle self, const u8* bytes, u32 len, void* ret);
IMPORT(IO, "[method]output-stream.subscribe") handle stream_subscribe(handle self);
IMPORT(IO, "[resource-drop]output-stream") void output_drop(handle self);
IMPORT(IO, "[method]input-stream.blocking-read") void stream_read(handle self, u64 len, void* ret);
IMPORT(IO, "[resource-drop]input-stream") void input_drop(handle self);
IMPORT("wasi:io/poll@" WASI, "[method]pollable.block") void pollable_block(handle self);
IMPORT("wasi:io/poll@" WASI, "[resource-drop]pollable") void pollable_drop(handle self);
IMPORT("wasi:clocks/monotonic-clock@" WASI, "subscribe-duration")
handle subscribe_duration(u64 nanoseconds);
IMPORT("wasi:clocks/monotonic-clock@" WASI, "now") u64 now(void);
IMPORT("wasi:cli/stdout@" WASI, "get-stdout") handle get_stdout(void);
IMPORT("wasi:cli/stderr@" WASI, "get-stderr") handle get_stderr(void);
IMPORT("wasi:cli/exit@" WASI, "exit") void exit_guest(int is_error);

static inline u32 length_of(const char* text) {
  u32 length = 0;
  while (text[length]) length++;
  return length;
}

static inline int same(const char* a, u32 a_len, const char* b) {
  u32 b_len = length_of(b);
  if (a_len != b_len) return 0;
  for (u32 i = 0; i < a_len; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

// The allocator that the host calls for results: memory is never given back, a request is short.
extern u8 __heap_base;
static u32 heap_next;

EXPORT("cabi_realloc")
void* cabi_realloc(void* old, u32 old_size, u32 align, u32 size) {
  if (!heap_next) heap_next = (u32)&__heap_base;
  u32 start = (heap_next + align - 1) & ~(align - 1);
  heap_next = start + size;
  u32 pages = __builtin_wasm_memory_size(0);
  if (heap_next > pages << 16)
    __builtin_wasm_memory_grow(0, ((heap_next - (pages << 16)) >> 16) + 16);
  if (old_size) __builtin_memcpy((void*)start, old, old_size < size ? old_size : size);
  return (void*)start;
}

// Begins a response: returns its body's stream and keeps the body for end().
struct response {
  handle body, stream;
};

static inline struct response begin(handle outparam, int status, handle headers) {
  struct response made;
  int result[2];
  handle response = response_new(headers);
  response_set_status(response, status);
  response_body(response, result);
  made.body = result[1];
  outparam_set(outparam, 0, response, 0, 0, 0, 0, 0, 0);
  body_write(made.body, result);
  made.stream = result[1];
  return made;
}

static inline void put(struct response* to, const void* bytes, u32 length) {
  u8 result[16];
  while (length) {
    u32 part = length < 4096 ? length : 4096;
    stream_write(to->stream, bytes, part, result);
    bytes = (const u8*)bytes + part;
    length -= part;
  }
}

static inline void end(struct response* to) {
  u8 result[64];
  output_drop(to->stream);
  body_finish(to->body, 0, 0, result);
}

static inline void answer(handle outparam, int status, const char* text) {
  struct response made = begin(outparam, status, fields_new());
  put(&made, text, length_of(text));
  end(&made);
}
