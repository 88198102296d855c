// A front whose answers come of a late import: test:late/plugin, chosen by the host.
//
//   /name     what the plug-in says its name is
//   /task/N   the plug-in's work(N), a digit
//   /select/X chooses candidate X by name first; 404 and the reason where there is none
//   /chat     for each piece of the request's body, the plug-in's name, at once
#include "guest.h"

#define PLUGIN "test:late/plugin@1.0.0"

IMPORT(PLUGIN, "name") void plugin_name(void* ret);
IMPORT(PLUGIN, "work") u32 plugin_work(u32 kind);
IMPORT("spindle:link/select@0.1.0", "select")
void select_plugin(const char* import_name, u32 import_len, const char* name, u32 name_len, void* ret);
IMPORT("spindle:link/select@0.1.0", "candidates") void candidates(const char* import_name, u32 len, void* ret);

struct text {
  const char* bytes;
  u32 length;
};

static void answer_name(handle outparam) {
  struct text name;
  plugin_name(&name);
  struct response made = begin(outparam, 200, fields_new());
  put(&made, name.bytes, name.length);
  put(&made, "\n", 1);
  end(&made);
}

static void answer_work(handle outparam, char kind) {
  char digits[12];
  u32 result = plugin_work((u32)(kind - '0'));
  u32 at = sizeof digits;
  digits[--at] = '\n';
  do digits[--at] = (char)('0' + result % 10);
  while (result /= 10);
  struct response made = begin(outparam, 200, fields_new());
  put(&made, digits + at, sizeof digits - at);
  end(&made);
}

static void answer_selected(handle outparam, struct text name) {
  u32 result[3], count[2];
  candidates(PLUGIN, length_of(PLUGIN), count);
  select_plugin(PLUGIN, length_of(PLUGIN), name.bytes, name.length, result);
  if (!(result[0] & 0xff) && count[1]) return answer_name(outparam);
  struct response made = begin(outparam, 404, fields_new());
  put(&made, (const void*)result[1], result[2]);
  end(&made);
}

static void chat(handle request, handle outparam) {
  u32 result[4];
  request_consume(request, result);
  handle body = (handle)result[1];
  incoming_stream(body, result);
  handle input = (handle)result[1];
  struct response made = begin(outparam, 200, fields_new());
  for (;;) {
    stream_read(input, 4096, result);
    if (result[0] & 0xff) break;
    if (!result[2]) continue;
    struct text name;
    plugin_name(&name);
    put(&made, name.bytes, name.length);
    put(&made, "\n", 1);
  }
  input_drop(input);
  incoming_drop(body);
  end(&made);
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  struct {
    u32 is_some;
    struct text path;
  } found;
  request_path(request, &found);
  struct text path = found.path;
  if (same(path.bytes, path.length, "/name")) return answer_name(outparam);
  if (same(path.bytes, path.length, "/chat")) return chat(request, outparam);
  if (path.length == 7 && same(path.bytes, 6, "/task/")) return answer_work(outparam, path.bytes[6]);
  if (path.length > 8 && same(path.bytes, 8, "/select/"))
    return answer_selected(outparam, (struct text){path.bytes + 8, path.length - 8});
  answer(outparam, 404, "no such path\n");
}
