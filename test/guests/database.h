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

struct entries {
  struct {
    struct view name, value;
  }* items;
  u32 count;
};

static inline struct request find_request(const struct entries* entries) {
  struct request found = {{0, 0}, {0, 0}, {0, 0}};
  for (u32 i = 0; i < entries->count; i++) {
    struct view name = entries->items[i].name, value = entries->items[i].value;
    if (same(name.bytes, name.length, "x-address")) found.address = value;
    if (same(name.bytes, name.length, "x-statement")) found.statement = value;
    if (same(name.bytes, name.length, "x-parameter")) found.parameter = value;
  }
  return found;
}

static inline struct request read_request(handle incoming) {
  struct entries entries;
  handle headers = request_headers(incoming);
  fields_entries(headers, &entries);
  fields_drop(headers);
  return find_request(&entries);
}

// The values of spin:postgres@4 are of one kind, those of all others of the other.
enum kind { kRdbms, kPostgres4 };
static const u32 kValueSizes[] = {16, 56}, kColumnSizes[] = {12, 20};

// The value's number, then what it says where it is one of these.
static inline void say_value(const u8* value, enum kind kind) {
  static const u8 kTexts[2][5] = {{11, 12}, {7, 13, 14, 15, 25}};
  say_number(value[0]);
  say(":");
  if (value[0] == 0) say(value[8] ? "true" : "false");
  if (value[0] == 1) say_number(*(const signed char*)(value + 8));
  if (value[0] == 3) say_number(*(const int*)(value + 8));
  if (value[0] == 4 || (value[0] == 8 && kind == kRdbms))
    say_number(*(const long long*)(value + 8));
  for (u32 i = 0; i < 5; i++)
    if (value[0] && value[0] == kTexts[kind][i]) say_text_at(value + 8);
}

static inline void say_columns(const u8* columns, u32 count, enum kind kind) {
  for (u32 i = 0; i < count; i++) {
    const u8* column = columns + i * kColumnSizes[kind];
    if (i) say("|");
    say_text_at(column);
    say(":");
    say_number(column[8]);
  }
  say("\n");
}

static inline void say_row(const struct view* row, enum kind kind) {
  for (u32 i = 0; i < row->length; i++) {
    if (i) say("|");
    say_value((const u8*)row->bytes + i * kValueSizes[kind], kind);
  }
  say("\n");
}

static inline void say_rows(const u8* set, enum kind kind) {
  const struct view* parts = (const struct view*)set;
  say_columns((const u8*)parts[0].bytes, parts[0].length, kind);
  for (u32 i = 0; i < parts[1].length; i++)
    say_row((const struct view*)parts[1].bytes + i, kind);
}

// A variant of strings, but for query-failed of spin:postgres@4.
static inline void say_error(const u8* error, enum kind kind) {
  say("error ");
  say_number(error[0]);
  say(": ");
  if (kind == kPostgres4 && error[0] == 2) {
    say_text_at(error + 8);
    if (error[4] == 1) {  // a db-error
      say(" [");
      say_text_at(error + 16);
      say(" ");
      say_text_at(error + 24);
      say("]");
    }
  } else {
    say_text_at(error + 4);
  }
  say("\n");
}

static u8 parameter_space[56] __attribute__((aligned(8)));

// How many parameters there are.
static inline u32 make_parameter(const struct request* request, enum kind kind) {
  if (!request->parameter.bytes) return 0;
  parameter_space[0] = kind == kPostgres4 ? 7 : 11;
  *(struct view*)(parameter_space + 8) = request->parameter;
  return 1;
}

static inline void reply(handle outparam) {
  struct response made = begin(outparam, 200, fields_new());
  put(&made, out.bytes, out.length);
  end(&made);
}
