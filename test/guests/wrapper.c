// Middleware: refuses requests whose path contains what the environment variable BLOCK says, and
// passes the others on as they are.
#include "guest.h"

IMPORT("wasi:cli/environment@0.2.3", "get-environment") void get_environment(void* ret);
IMPORT("wasi:http/incoming-handler@0.2.3", "handle") void next(handle request, handle outparam);

static int contains(const char* text, u32 length, const char* part, u32 part_length) {
  for (u32 i = 0; part_length && i + part_length <= length; i++) {
    u32 n = 0;
    while (n < part_length && text[i + n] == part[n]) n++;
    if (n == part_length) return 1;
  }
  return 0;
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  u32 list[2], path[3];
  get_environment(list);
  request_path(request, path);
  for (u32 i = 0; i < list[1]; i++) {
    const u32* pair = (const u32*)list[0] + 4 * i;
    if (!same((const char*)pair[0], pair[1], "BLOCK")) continue;
    if (!contains((const char*)path[1], path[2], (const char*)pair[2], pair[3])) continue;
    request_drop(request);
    answer(outparam, 403, "blocked\n");
    return;
  }
  next(request, outparam);
}
