// A handler that reads a number from the default key-value store, writes the next one, and says it.
#include "guest.h"

#define STORE "fermyon:spin/key-value@2.0.0"

IMPORT(STORE, "[static]store.open") void store_open(const char* name, u32 length, void* ret);
IMPORT(STORE, "[method]store.get")
void store_get(handle self, const char* key, u32 length, void* ret);
IMPORT(STORE, "[method]store.set")
void store_set(handle self, const char* key, u32 length, const void* value, u32 value_length,
               void* ret);
IMPORT(STORE, "[resource-drop]store") void store_drop(handle self);

// A result: its case, then a handle, or an option and its bytes.
struct outcome {
  u8 is_error, pad[3];
  union {
    handle opened;
    struct {
      u8 is_some, pad2[3];
      const u8* bytes;
      u32 length;
    } value;
  };
};

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  struct outcome outcome;
  u64 number = 0;
  request_drop(request);
  store_open("default", 7, &outcome);
  if (outcome.is_error) return answer(outparam, 500, "no store\n");
  handle store = outcome.opened;
  store_get(store, "number", 6, &outcome);
  if (outcome.is_error) return answer(outparam, 500, "cannot read\n");
  for (u32 i = 0; outcome.value.is_some && i < outcome.value.length; i++)
    number = number * 10 + outcome.value.bytes[i] - '0';
  char text[24];
  u32 at = sizeof text;
  number++;
  do text[--at] = (char)('0' + number % 10);
  while (number /= 10);
  store_set(store, "number", 6, text + at, sizeof text - at, &outcome);
  store_drop(store);
  if (outcome.is_error) return answer(outparam, 500, "cannot write\n");
  struct response made = begin(outparam, 200, fields_new());
  put(&made, text + at, sizeof text - at);
  end(&made);
}
