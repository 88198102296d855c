// Hears messages of a Redis channel: adds one to the number under the message's own text, so that
// what was handled twice, or not at all, shows. What it does instead is in the message.
typedef unsigned char u8;
typedef unsigned int u32;
typedef long long s64;
typedef int handle;

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name), used))

IMPORT("wasi:keyvalue/store@0.2.0-draft2", "open")
void store_open(const char* name, u32 name_len, void* ret);
IMPORT("wasi:keyvalue/atomics@0.2.0-draft2", "increment")
void increment(handle bucket, const u8* key, u32 key_len, s64 delta, void* ret);

static u8 heap[1 << 16] __attribute__((aligned(16)));
static u32 heap_used;

// A message that is larger than the heap traps.
EXPORT("cabi_realloc")
void* cabi_realloc(void* old, u32 old_size, u32 align, u32 size) {
  (void)old, (void)old_size;
  heap_used = (heap_used + align - 1) & ~(align - 1);
  if (size > sizeof heap - heap_used) __builtin_trap();
  heap_used += size;
  return heap + heap_used - size;
}

static int is(const u8* text, u32 length, const char* word) {
  u32 at = 0;
  while (at < length && word[at] && text[at] == (u8)word[at]) at++;
  return at == length && !word[at];
}

EXPORT("fermyon:spin/inbound-redis#handle-message")
void* handle_message(const u8* message, u32 length) {
  static u8 result[2];
  u32 opened[4];
  u32 added[6];
  result[0] = 1, result[1] = 1;
  if (is(message, length, "refuse")) return result;
  if (is(message, length, "trap")) __builtin_trap();
  store_open("default", 7, opened);
  if ((u8)opened[0]) return result;
  increment((handle)opened[1], message, length, 1, added);
  result[0] = (u8)added[0];
  return result;
}
