// An HTTP handler that speaks to a Redis server: /INTERFACE/HOST:PORT/function/argument/... (~HOST: over TLS) runs one
// function of fermyon:spin/redis@2.0.0 (`v2`) or of the unversioned one (`v1`) and answers with
// what it brought.
#include "guest.h"

#define V2 "fermyon:spin/redis@2.0.0"
#define V1 "fermyon:spin/redis"

typedef long long s64;
struct text {
  const u8* bytes;
  u32 length;
};
struct parameter {
  u32 kind, pad;
  union {
    s64 number;
    struct text bytes;
  };
};
struct value {
  u8 kind, pad[7];
  union {
    s64 number;
    struct text bytes;
  };
};
// result<T, error> with a T of at most 4 bytes alignment, and with one of 8.
struct result {
  u8 is_error, pad[3];
  union {
    handle opened;
    u32 count;
    struct text bytes;
    struct {
      u8 kind, pad2[3];
      struct text bytes;
    } inner;  // an option, or the error
  };
};
struct wide_result {
  u8 is_error, pad[7];
  union {
    s64 number;
    struct {
      u8 kind, pad2[3];
      struct text bytes;
    } error;
  };
};

#define T const u8*, u32
IMPORT(V2, "[static]connection.open") void v2_open(T, void*);
IMPORT(V2, "[method]connection.publish") void v2_publish(handle, T, T, void*);
IMPORT(V2, "[method]connection.get") void v2_get(handle, T, void*);
IMPORT(V2, "[method]connection.set") void v2_set(handle, T, T, void*);
IMPORT(V2, "[method]connection.incr") void v2_incr(handle, T, void*);
IMPORT(V2, "[method]connection.del") void v2_del(handle, const void*, u32, void*);
IMPORT(V2, "[method]connection.sadd") void v2_sadd(handle, T, const void*, u32, void*);
IMPORT(V2, "[method]connection.srem") void v2_srem(handle, T, const void*, u32, void*);
IMPORT(V2, "[method]connection.smembers") void v2_smembers(handle, T, void*);
IMPORT(V2, "[method]connection.execute") void v2_execute(handle, T, const void*, u32, void*);
IMPORT(V2, "[resource-drop]connection") void v2_drop(handle);
IMPORT(V1, "publish") void v1_publish(T, T, T, void*);
IMPORT(V1, "get") void v1_get(T, T, void*);
IMPORT(V1, "set") void v1_set(T, T, T, void*);
IMPORT(V1, "incr") void v1_incr(T, T, void*);
IMPORT(V1, "del") void v1_del(T, const void*, u32, void*);
IMPORT(V1, "sadd") void v1_sadd(T, T, const void*, u32, void*);
IMPORT(V1, "srem") void v1_srem(T, T, const void*, u32, void*);
IMPORT(V1, "smembers") void v1_smembers(T, T, void*);
IMPORT(V1, "execute") void v1_execute(T, T, const void*, u32, void*);

#define PARTS_MAX 16
static struct text parts[PARTS_MAX];
static u32 part_count;
static struct response made;

static void say(const char* text) { put(&made, text, length_of(text)); }

static void say_number(s64 number) {
  char digits[24];
  u32 at = sizeof digits;
  u64 rest = number < 0 ? 0 - (u64)number : (u64)number;
  do digits[--at] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (number < 0) digits[--at] = '-';
  put(&made, digits + at, sizeof digits - at);
}

static void say_error(u8 kind, struct text bytes) {
  static const char* names[] = {"invalid-address", "too-many-connections", "type-error", "other: "};
  say("error ");
  say(names[kind]);
  if (kind == 3) put(&made, bytes.bytes, bytes.length);
}

static void say_strings(struct text list) {
  const struct text* strings = (const struct text*)list.bytes;
  for (u32 i = 0; i < list.length; i++) {
    if (i) say(",");
    put(&made, strings[i].bytes, strings[i].length);
  }
}

static void say_values(struct text list) {
  const struct value* values = (const struct value*)list.bytes;
  for (u32 i = 0; i < list.length; i++) {
    if (i) say(",");
    if (values[i].kind == 0) say("nil");
    if (values[i].kind == 1) say("status ");
    if (values[i].kind == 2) say_number(values[i].number);
    if (values[i].kind & 1) put(&made, values[i].bytes.bytes, values[i].bytes.length);
  }
}

static void split(const u8* path, u32 length) {
  part_count = 0;
  for (u32 at = 0; at < length && part_count < PARTS_MAX;) {
    u32 start = ++at;
    while (at < length && path[at] != '/') at++;
    parts[part_count++] = (struct text){path + start, at - start};
  }
}

// `redis://` and the second part; `rediss://` where that begins with `~`.
static struct text address(void) {
  static const char* const schemes[] = {"redis://", "rediss://"};
  static u8 buffer[256];
  u32 has_tls = parts[1].length > 0 && parts[1].bytes[0] == '~';
  u32 length = 0;
  for (; schemes[has_tls][length]; length++) buffer[length] = (u8)schemes[has_tls][length];
  for (u32 i = has_tls; i < parts[1].length && i < 200; i++) buffer[length++] = parts[1].bytes[i];
  return (struct text){buffer, length};
}

#define P(i) parts[i].bytes, parts[i].length
#define IS(name) same((const char*)parts[2].bytes, parts[2].length, name)

// The command's arguments after its name; those that begin with `+` are numbers.
static u32 arguments(struct parameter* to) {
  u32 count = 0;
  for (u32 i = 4; i < part_count; i++, count++) {
    to[count] = (struct parameter){.kind = 1, .bytes = parts[i]};
    if (!parts[i].length || parts[i].bytes[0] != '+') continue;
    to[count] = (struct parameter){.kind = 0, .number = 0};
    for (u32 k = 1; k < parts[i].length; k++)
      to[count].number = to[count].number * 10 + (parts[i].bytes[k] - '0');
  }
  return count;
}

static void run_v2(void) {
  struct result result;
  struct wide_result wide;
  struct parameter values[PARTS_MAX];
  struct text at = address();
  v2_open(at.bytes, at.length, &result);
  if (result.is_error) return say_error(result.inner.kind, result.inner.bytes);
  handle redis = result.opened;
  if (IS("incr")) {
    v2_incr(redis, P(3), &wide);
    if (wide.is_error) say_error(wide.error.kind, wide.error.bytes);
    else say_number(wide.number);
    return v2_drop(redis);
  }
  if (IS("publish")) v2_publish(redis, P(3), P(4), &result);
  if (IS("get")) v2_get(redis, P(3), &result);
  if (IS("set")) v2_set(redis, P(3), P(4), &result);
  if (IS("del")) v2_del(redis, parts + 3, part_count - 3, &result);
  if (IS("sadd")) v2_sadd(redis, P(3), parts + 4, part_count - 4, &result);
  if (IS("srem")) v2_srem(redis, P(3), parts + 4, part_count - 4, &result);
  if (IS("smembers")) v2_smembers(redis, P(3), &result);
  if (IS("execute")) v2_execute(redis, P(3), values, arguments(values), &result);
  if (result.is_error) say_error(result.inner.kind, result.inner.bytes);
  else if (IS("get") && !result.inner.kind) say("nothing");
  else if (IS("get")) put(&made, result.inner.bytes.bytes, result.inner.bytes.length);
  else if (IS("del") || IS("sadd") || IS("srem")) say_number(result.count);
  else if (IS("smembers")) say_strings(result.bytes);
  else if (IS("execute")) say_values(result.bytes);
  else say("done");
  v2_drop(redis);
}

static void run_v1(void) {
  struct result result;
  struct wide_result wide;
  struct parameter values[PARTS_MAX];
  struct text at = address();
  wide.is_error = result.is_error = 0;
  if (IS("publish")) v1_publish(at.bytes, at.length, P(3), P(4), &result);
  if (IS("get")) v1_get(at.bytes, at.length, P(3), &result);
  if (IS("set")) v1_set(at.bytes, at.length, P(3), P(4), &result);
  if (IS("incr")) v1_incr(at.bytes, at.length, P(3), &wide);
  if (IS("del")) v1_del(at.bytes, at.length, parts + 3, part_count - 3, &wide);
  if (IS("sadd")) v1_sadd(at.bytes, at.length, P(3), parts + 4, part_count - 4, &wide);
  if (IS("srem")) v1_srem(at.bytes, at.length, P(3), parts + 4, part_count - 4, &wide);
  if (IS("smembers")) v1_smembers(at.bytes, at.length, P(3), &result);
  if (IS("execute")) v1_execute(at.bytes, at.length, P(3), values, arguments(values), &result);
  if (result.is_error || wide.is_error) return say("error");
  if (IS("get")) put(&made, result.bytes.bytes, result.bytes.length);
  else if (IS("incr") || IS("del") || IS("sadd") || IS("srem")) say_number(wide.number);
  else if (IS("smembers")) say_strings(result.bytes);
  else if (IS("execute")) say_values(result.bytes);
  else say("done");
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  struct {
    u8 is_some, pad[3];
    struct text text;
  } path;
  request_path(request, &path);
  split(path.text.bytes, path.text.length);
  made = begin(outparam, 200, fields_new());
  if (part_count < 4) say("expected /INTERFACE/HOST:PORT/function/argument");
  else if (same((const char*)parts[0].bytes, parts[0].length, "v1")) run_v1();
  else run_v2();
  end(&made);
}
