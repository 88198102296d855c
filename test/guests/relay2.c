// What relay does, for WASI 0.2 and without bodies: `/PREFIX/rest` becomes `/rest` of the authority
// that the request came to; the answer has the status of the response and its first bytes. A failure
// is 502 with the number of its case.
#include "guest.h"

#define REQUEST "[method]outgoing-request."
IMPORT(HTTP, "[constructor]outgoing-request") handle outgoing_new(handle headers);
IMPORT(HTTP, REQUEST "set-scheme")
int outgoing_set_scheme(handle self, int is_some, int scheme, const char* text, u32 length);
IMPORT(HTTP, REQUEST "set-authority")
int outgoing_set_authority(handle self, int is_some, const char* text, u32 length);
IMPORT(HTTP, REQUEST "set-path-with-query")
int outgoing_set_path(handle self, int is_some, const char* text, u32 length);
IMPORT("wasi:http/outgoing-handler@0.2.3", "handle")
void outgoing_handle(handle request, int has_options, handle options, void* ret);
IMPORT(HTTP, "[method]future-incoming-response.subscribe") handle future_subscribe(handle self);
IMPORT(HTTP, "[method]future-incoming-response.get") void future_get(handle self, void* ret);
IMPORT(HTTP, "[method]incoming-response.status") int incoming_status(handle self);
IMPORT(HTTP, "[method]incoming-response.consume") void incoming_consume(handle self, void* ret);
IMPORT(HTTP, "[method]incoming-request.authority") void request_authority(handle self, void* ret);

struct text {
  u8 is_some, pad[3];
  const char* bytes;
  u32 length;
};

static void fail(handle outparam, u8 code) {
  char note[] = "error 00\n";
  note[6] = (char)('0' + code / 10);
  note[7] = (char)('0' + code % 10);
  answer(outparam, 502, note);
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  struct text path, authority;
  request_path(request, &path);
  request_authority(request, &authority);
  u32 prefix = 1;
  while (prefix < path.length && path.bytes[prefix] != '/') prefix++;
  handle made = outgoing_new(fields_new());
  outgoing_set_scheme(made, 1, 0, 0, 0);
  outgoing_set_authority(made, 1, authority.bytes, authority.length);
  outgoing_set_path(made, 1, path.bytes + prefix, path.length - prefix);
  // result<future, error-code>; then option<result<result<incoming-response, error-code>>>
  static union {
    u8 bytes[128];
    u64 aligned;
  } got;
  outgoing_handle(made, 0, 0, got.bytes);
  if (got.bytes[0] != 0) return fail(outparam, got.bytes[8]);
  handle future = *(handle*)(got.bytes + 8);
  handle ready = future_subscribe(future);
  pollable_block(ready);
  pollable_drop(ready);
  future_get(future, got.bytes);
  if (got.bytes[16] != 0) return fail(outparam, got.bytes[24]);
  handle response = *(handle*)(got.bytes + 24);
  int status = incoming_status(response), result[4];
  incoming_consume(response, result);
  incoming_stream(result[1], result);
  // result<list<u8>, stream-error>
  stream_read(result[1], 4096, result);
  struct response out = begin(outparam, status, fields_new());
  if (result[0] == 0) put(&out, (const u8*)result[1], (u32)result[2]);
  end(&out);
}
