// Middleware of wasi:http 0.3: refuses requests whose path contains `secret`, passes the others on
// as they are, and gives back what comes of them.
#include "guest.h"

#define HTTP3 "wasi:http/types@0.3.0"
#define NEW "[static]response.new"

IMPORT(HTTP3, "[constructor]fields") handle fields3_new(void);
IMPORT(HTTP3, "[method]request.get-path-with-query") void path3(handle self, void* ret);
IMPORT(HTTP3, "[resource-drop]request") void request3_drop(handle self);
IMPORT(HTTP3, "[static]response.new")
void response3_new(handle headers, int has_contents, handle contents, handle trailers, void* ret);
IMPORT(HTTP3, "[method]response.set-status-code") int set_status3(handle self, int status);
IMPORT(HTTP3, "[future-new-1]" NEW) u64 trailers_new(void);
IMPORT(HTTP3, "[async-lower][future-write-1]" NEW) u32 trailers_write(handle self, const void* from);
IMPORT(HTTP3, "[future-drop-readable-2]" NEW) void outcome_drop_readable(handle self);
IMPORT(HTTP3, "[future-drop-writable-1]" NEW) void trailers_drop_writable(handle self);
IMPORT("wasi:http/handler@0.3.0", "[async-lower]handle") u32 next(handle request, void* result);
IMPORT("[export]wasi:http/handler@0.3.0", "[task-return]handle")
void task_return(int is_error, int value, int a, u64 b, int c, int d, int e, int f);
IMPORT("$root", "[waitable-set-new]") handle set_new(void);
IMPORT("$root", "[waitable-set-drop]") void set_drop(handle self);
IMPORT("$root", "[waitable-join]") void waitable_join(handle waitable, handle set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(handle self);
IMPORT("$root", "[context-get-0]") u32 context_get(void);
IMPORT("$root", "[context-set-0]") void context_set(u32 value);

#define RETURNED 2

struct task {
  int is_used;
  handle set, waited;
  // The next handler's result: a discriminant, and what it says from the eighth byte on.
  u64 result[8];
};
static struct task tasks[64];
static const u64 kNoTrailers[8];

static int is_refused(handle request) {
  static const char part[] = "secret";
  u32 path[3];
  path3(request, path);
  const char* text = (const char*)path[1];
  for (u32 i = 0; path[0] && i + 6 <= path[2]; i++)
    if (same(text + i, 6, part)) return 1;
  return 0;
}

static u32 refuse(struct task* t, handle request) {
  handle made[2];
  const u64 trailers = trailers_new();
  request3_drop(request);
  response3_new(fields3_new(), 0, 0, (handle)trailers, made);
  set_status3(made[0], 403);
  task_return(0, made[0], 0, 0, 0, 0, 0, 0);
  outcome_drop_readable(made[1]);
  t->waited = (handle)(trailers >> 32);
  if (trailers_write(t->waited, kNoTrailers) == 0xffffffffu) {
    t->set = set_new();
    waitable_join(t->waited, t->set);
    return 2 | (u32)t->set << 4;
  }
  trailers_drop_writable(t->waited);
  t->is_used = 0;
  return 0;
}

static u32 give_back(struct task* t) {
  if (t->result[0] & 255) {
    task_return(1, 38, 0, 0, 0, 0, 0, 0);
  } else {
    task_return(0, (int)t->result[1], 0, 0, 0, 0, 0, 0);
  }
  t->is_used = 0;
  return 0;
}

EXPORT("[async-lift]wasi:http/handler@0.3.0#handle")
u32 handle_request3(handle request) {
  struct task* t = tasks;
  while (t->is_used) t++;
  heap_next = 0;
  t->is_used = 1;
  t->set = 0;
  context_set((u32)t);
  if (is_refused(request)) {
    t->result[0] = 2;
    return refuse(t, request);
  }
  const u32 status = next(request, t->result);
  if ((status & 15) == RETURNED) return give_back(t);
  t->waited = (handle)(status >> 4);
  t->set = set_new();
  waitable_join(t->waited, t->set);
  return 2 | (u32)t->set << 4;
}

EXPORT("[callback][async-lift]wasi:http/handler@0.3.0#handle")
u32 handle_event(u32 event, u32 waitable, u32 payload) {
  struct task* t = (struct task*)context_get();
  (void)waitable;
  // A subtask that only started.
  if (event == 1 && (payload & 15) != RETURNED) return 2 | (u32)t->set << 4;
  waitable_join(t->waited, 0);
  set_drop(t->set);
  if (event != 1) {
    trailers_drop_writable(t->waited);
    t->is_used = 0;
    return 0;
  }
  subtask_drop(t->waited);
  return give_back(t);
}
