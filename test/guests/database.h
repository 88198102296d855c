// What the guests of databases share: the request's headers say what to ask (`x-address`,
// `x-statement`, and `x-parameter`, a string, where there is one); the reply is lines of text.
#pragma once

#include "guest.h"

struct view {
  const char* bytes;
  u32 length;
};

struct request {
  struct view address, statement, parameter;
};

struct text_buffer {
  u32 length;
  char bytes[60000];
};
static struct text_buffer out;

static inline void say_bytes(const char* bytes, u32 length) {
  for (u32 i = 0; i < length && out.length < sizeof out.bytes; i++)
    out.bytes[out.length++] = bytes[i];
}

static inline void say(const char* text) {
  say_bytes(text, length_of(text));
}

static inline void say_number(long long value) {
  char digits[24];
  u32 at = sizeof digits;
  u64 rest = value < 0 ? 0 - (u64)value : (u64)value;
  do digits[--at] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0) digits[--at] = '-';
  say_bytes(digits + at, sizeof digits - at);
}

static inline void say_text_at(const u8* at) {
  const struct view* text = (const struct view*)at;
  say_bytes(text->bytes, text->length);
}

static inline struct request read_request(handle incoming) {
  struct entry {
    struct view name, value;
  };
  struct {
    struct entry* items;
    u32 count;
  } entries;
  struct request read = {{0, 0}, {0, 0}, {0, 0}};
  handle headers = request_headers(incoming);
  fields_entries(headers, &entries);
  for (u32 i = 0; i < entries.count; i++) {
    struct entry* one = entries.items + i;
    if (same(one->name.bytes, one->name.length, "x-address")) read.address = one->value;
    if (same(one->name.bytes, one->name.length, "x-statement")) read.statement = one->value;
    if (same(one->name.bytes, one->name.length, "x-parameter")) read.parameter = one->value;
  }
  fields_drop(headers);
  return read;
}

static inline void reply(handle outparam) {
  struct response made = begin(outparam, 200, fields_new());
  put(&made, out.bytes, out.length);
  end(&made);
}
