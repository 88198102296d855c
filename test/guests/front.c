// Imports spindle:guests/probe. `/PREFIX/mine/WHAT` asks the host itself, `/PREFIX/its/WHAT` asks
// the component that it was composed with.
#include "probe.h"

IMPORT("spindle:guests/probe@1.2.0", "ask") void ask(const char* what, u32 length, void* ret);

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  u32 path[3];
  request_path(request, path);
  const char* at = (const char*)path[1];
  u32 length = path[2], begins[2] = {0, 0};
  for (u32 i = length; i-- > 0 && !begins[0];) {
    if (at[i] != '/') continue;
    begins[begins[1] ? 0 : 1] = i + 1;
  }
  struct text reply;
  if (same(at + begins[0], begins[1] - begins[0], "mine/")) {
    reply = probe(at + begins[1], length - begins[1]);
  } else {
    ask(at + begins[1], length - begins[1], &reply);
  }
  struct response made = begin(outparam, 200, fields_new());
  put(&made, reply.at, reply.length);
  put(&made, "\n", 1);
  end(&made);
}
