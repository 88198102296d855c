// A module as Spin's first SDKs made them, before components: imports and exports have the names
// and core signatures of wit-bindgen 0.2. The path says what it does; a message is stored under
// "heard".

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef long long s64;

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name), used))

typedef struct {
  const char* bytes;
  u32 length;
} text;

IMPORT("spin-config", "get-config") void get_config(const char* key, u32 length, u32* ret);
IMPORT("outbound-redis", "publish")
void redis_publish(const char* address, u32 address_length, const char* channel, u32 channel_length,
                   const char* payload, u32 payload_length, u32* ret);
IMPORT("outbound-redis", "get")
void redis_get(const char* address, u32 address_length, const char* key, u32 key_length, u32* ret);
IMPORT("outbound-redis", "set")
void redis_set(const char* address, u32 address_length, const char* key, u32 key_length,
               const char* value, u32 value_length, u32* ret);
IMPORT("outbound-redis", "incr")
void redis_incr(const char* address, u32 address_length, const char* key, u32 key_length, u32* ret);
IMPORT("key-value", "open") void store_open(const char* name, u32 length, u32* ret);
IMPORT("key-value", "get") void store_get(u32 store, const char* key, u32 length, u32* ret);
IMPORT("key-value", "set")
void store_set(u32 store, const char* key, u32 key_length, const char* value, u32 value_length,
               u32* ret);
IMPORT("key-value", "close") void store_close(u32 store);
IMPORT("wasi-outbound-http", "request")
void http_request(u32 method, const char* uri, u32 uri_length, const text* headers,
                  u32 header_count, const text* params, u32 param_count, u32 has_body,
                  const char* body, u32 body_length, u32* ret);
IMPORT("wasi_snapshot_preview1", "fd_write")
int fd_write(int fd, const text* pieces, u32 count, u32* written);
IMPORT("wasi_snapshot_preview1", "environ_sizes_get")
int environ_sizes_get(u32* count, u32* bytes);

extern u8 __heap_base;
static u32 heap_next;

EXPORT("canonical_abi_realloc") void* reallocate(void* old, u32 old_size, u32 align, u32 size) {
  if (old != 0) __builtin_trap();
  if (heap_next == 0) heap_next = (u32)&__heap_base;
  heap_next = (heap_next + align - 1) & ~(align - 1);
  const u32 at = heap_next;
  heap_next += size;
  const u32 pages = (heap_next + 65535) >> 16;
  const u32 now = __builtin_wasm_memory_size(0);
  if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == (u32)-1) __builtin_trap();
  return (void*)at;
}

EXPORT("canonical_abi_free") void release(void* at, u32 size, u32 align) {}

static text answer;
static text address;
static char number[24];

static u32 length_of(const char* bytes) {
  u32 length = 0;
  while (bytes[length]) length++;
  return length;
}

static text of(const char* bytes) {
  return (text){bytes, length_of(bytes)};
}

static int begins(text whole, const char* with) {
  const u32 length = length_of(with);
  if (whole.length < length) return 0;
  for (u32 i = 0; i < length; i++)
    if (whole.bytes[i] != with[i]) return 0;
  return 1;
}

// What of the path follows a prefix; nothing where it has another one.
static int after(text path, const char* prefix, text* rest) {
  if (!begins(path, prefix)) return 0;
  *rest = (text){path.bytes + length_of(prefix), path.length - length_of(prefix)};
  return 1;
}

// A result whose payload is a text, or the number of its error.
static text text_of(const u32* ret) {
  if ((u8)ret[0] == 0) return (text){(const char*)ret[1], ret[2]};
  number[0] = (char)('0' + (u8)ret[1]);
  return (text){number, 1};
}

static text done_or_error(const u32* ret) {
  return (u8)ret[0] == 0 ? of("done") : of("error");
}

static text count_of(const u32* ret) {
  if ((u8)ret[0] != 0) return of("error");
  s64 value = (s64)((unsigned long long)ret[2] | (unsigned long long)ret[3] << 32);
  u32 at = sizeof number;
  do {
    number[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  return (text){number + at, sizeof number - at};
}

static text configured(const char* name) {
  u32 ret[4] = {0};
  get_config(name, length_of(name), ret);
  return text_of(ret);
}

// Stores the text and reads it again.
static text keep(text value) {
  u32 ret[4] = {0};
  store_open("default", 7, ret);
  if ((u8)ret[0] != 0) return of("no store");
  const u32 store = ret[1];
  store_set(store, "key", 3, value.bytes, value.length, ret);
  store_get(store, "key", 3, ret);
  store_close(store);
  return text_of(ret);
}

static text fetch(text uri, text body) {
  static u32 ret[12];
  const text header[2] = {of("x-from"), of("first-sdk")};
  http_request(1, uri.bytes, uri.length, header, 1, 0, 0, 1, body.bytes, body.length, ret);
  if ((u8)ret[0] != 0) {
    number[0] = (char)('0' + (u8)ret[1]);
    return (text){number, 1};
  }
  return (u8)ret[5] != 0 ? (text){(const char*)ret[6], ret[7]} : of("no body");
}

static void say(const char* words) {
  const text line = of(words);
  u32 written = 0;
  fd_write(1, &line, 1, &written);
}

static u16 act(text path, text body) {
  u32 ret[4] = {0};
  text rest;
  answer = (text){0, 0};
  address = configured("address");
  if (after(path, "/echo", &rest)) {
    answer = body;
  } else if (after(path, "/config/", &rest)) {
    get_config(rest.bytes, rest.length, ret);
    answer = text_of(ret);
  } else if (after(path, "/keep/", &rest)) {
    answer = keep(rest);
  } else if (after(path, "/set/", &rest)) {
    redis_set(address.bytes, address.length, "first-sdk", 9, rest.bytes, rest.length, ret);
    answer = done_or_error(ret);
  } else if (after(path, "/get/", &rest)) {
    redis_get(address.bytes, address.length, rest.bytes, rest.length, ret);
    answer = text_of(ret);
  } else if (after(path, "/count/", &rest)) {
    redis_incr(address.bytes, address.length, rest.bytes, rest.length, ret);
    answer = count_of(ret);
  } else if (after(path, "/publish/", &rest)) {
    redis_publish(address.bytes, address.length, "old", 3, rest.bytes, rest.length, ret);
    answer = done_or_error(ret);
  } else if (after(path, "/elsewhere", &rest)) {
    redis_get("redis://192.0.2.1:1", 19, "key", 3, ret);
    answer = text_of(ret);
  } else if (after(path, "/fetch", &rest)) {
    answer = fetch(rest, body);
  } else if (after(path, "/log", &rest)) {
    u32 count = 0, bytes = 0;
    environ_sizes_get(&count, &bytes);
    say(count == 1 ? "one variable\n" : "other variables\n");
  } else if (after(path, "/trap", &rest)) {
    __builtin_trap();
  } else {
    return 404;
  }
  return 200;
}

typedef struct {
  u16 status;
  u32 has_headers;  // as wide as its place

  const text* headers;
  u32 header_count;
  u32 has_body;
  text body;
} response;

EXPORT("handle-http-request")
response* handle_request(u32 method, const char* uri, u32 uri_length, const text* headers,
                         u32 header_count, const text* params, u32 param_count, u32 has_body,
                         const char* body, u32 body_length) {
  static response made;
  static text fields[2];
  made.status = act((text){uri, uri_length}, (text){body, has_body ? body_length : 0});
  fields[0] = of("x-made-by");
  fields[1] = of("first-sdk");
  made.has_headers = 1;
  made.headers = fields;
  made.header_count = 1;
  made.has_body = answer.length > 0;
  made.body = answer;
  return &made;
}

EXPORT("handle-redis-message") u8* handle_message(const char* payload, u32 length) {
  static u8 result[2];
  u32 ret[4] = {0};
  address = configured("address");
  redis_set(address.bytes, address.length, "heard", 5, payload, length, ret);
  result[0] = (u8)ret[0];
  return result;
}
