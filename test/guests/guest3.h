// What the guests of WASI 0.3 share, beside guest.h: a request, its response, streams, futures and
// waiting. Streams and futures are declared as request.new has them: stream 0 is a body, future 1 its
// trailers, future 2 what became of it.
#pragma once

#include "guest.h"

#define HTTP3 "wasi:http/types@0.3.0"
#define NEW "[static]request.new"

IMPORT(HTTP3, "[constructor]fields") handle fields3_new(void);
IMPORT(HTTP3, "[method]fields.append")
void fields3_append(handle self, const char* name, u32 name_len, const char* value, u32 value_len,
                    void* ret);
IMPORT(HTTP3, "[method]fields.copy-all") void fields3_copy_all(handle self, void* ret);
IMPORT(HTTP3, "[resource-drop]fields") void fields3_drop(handle self);
IMPORT(HTTP3, "[method]request.get-path-with-query") void path3(handle self, void* ret);
IMPORT(HTTP3, "[method]request.get-headers") handle headers3(handle self);
IMPORT(HTTP3, "[resource-drop]request") void request3_drop(handle self);
IMPORT(HTTP3, "[static]request.consume-body") void consume_body(handle self, handle res, void* ret);
IMPORT(HTTP3, "[static]response.new")
void response3_new(handle headers, int has_contents, handle contents, handle trailers, void* ret);
IMPORT(HTTP3, "[method]response.set-status-code") int set_status3(handle self, int status);
IMPORT("[export]wasi:http/handler@0.3.0", "[task-return]handle")
void task_return(int is_error, int value, int a, u64 b, int c, int d, int e, int f);

IMPORT(HTTP3, "[stream-new-0]" NEW) u64 stream_new(void);
IMPORT(HTTP3, "[async-lower][stream-read-0]" NEW) u32 stream3_read(handle self, u8* to, u32 count);
IMPORT(HTTP3, "[async-lower][stream-write-0]" NEW)
u32 stream3_write(handle self, const u8* from, u32 count);
IMPORT(HTTP3, "[stream-drop-readable-0]" NEW) void stream_drop_readable(handle self);
IMPORT(HTTP3, "[stream-drop-writable-0]" NEW) void stream_drop_writable(handle self);
IMPORT(HTTP3, "[future-new-1]" NEW) u64 trailers_new(void);
IMPORT(HTTP3, "[async-lower][future-read-1]" NEW) u32 trailers_read(handle self, void* to);
IMPORT(HTTP3, "[async-lower][future-write-1]" NEW) u32 trailers_write(handle self, const void* from);
IMPORT(HTTP3, "[future-drop-readable-1]" NEW) void trailers_drop_readable(handle self);
IMPORT(HTTP3, "[future-drop-writable-1]" NEW) void trailers_drop_writable(handle self);
IMPORT(HTTP3, "[future-new-2]" NEW) u64 outcome_new(void);
IMPORT(HTTP3, "[async-lower][future-read-2]" NEW) u32 outcome_read(handle self, void* to);
IMPORT(HTTP3, "[async-lower][future-write-2]" NEW) u32 outcome_write(handle self, const void* from);
IMPORT(HTTP3, "[future-drop-readable-2]" NEW) void outcome_drop_readable(handle self);
IMPORT(HTTP3, "[future-drop-writable-2]" NEW) void outcome_drop_writable(handle self);
IMPORT("$root", "[waitable-set-new]") handle set_new(void);
IMPORT("$root", "[waitable-set-drop]") void set_drop(handle self);
IMPORT("$root", "[waitable-set-wait]") u32 set_wait(handle self, void* ret);
IMPORT("$root", "[waitable-join]") void waitable_join(handle waitable, handle set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(handle self);
IMPORT("$root", "[context-get-0]") u32 context_get(void);
IMPORT("$root", "[context-set-0]") void context_set(u32 value);

#define BLOCKED 0xffffffffu
#define DROPPED(status) (((status) & 15) == 1)
#define COUNT(status) ((status) >> 4)

static const u64 kWell[16];  // ok, and no trailers, as futures carry them

// A task that is called back: `step` runs it from where it stopped to its next wait. A guest's
// struct task has `at`, `set`, `waited` and `status`.
#define WAIT_ON(t, waitable, place)               \
  ((t)->at = (place), (t)->waited = (waitable),   \
   waitable_join((waitable), (t)->set), 2 | (u32)(t)->set << 4)

// Starts an operation, and goes on below once it has a status.
#define AWAIT(operation, waitable)                                     \
  do {                                                                 \
    t->status = (operation);                                           \
    if (t->status == BLOCKED) return WAIT_ON(t, (waitable), __LINE__); \
    if (0) {                                                           \
      case __LINE__:;                                                  \
    }                                                                  \
  } while (0)

// Begins and goes on with those of the array `tasks`, of which it clears so many bytes first;
// `is_used` and `request` are the struct's, too.
#define EXPORT_TASKS(cleared, begun)                                   \
  EXPORT("[async-lift]wasi:http/handler@0.3.0#handle")                 \
  u32 handle_request3(handle request) {                                \
    struct task* t = tasks;                                            \
    while (t->is_used) t++;                                            \
    for (u32 i = 0; i < (cleared); i++) ((u8*)t)[i] = 0;               \
    heap_next = 0;                                                     \
    begun;                                                             \
    t->is_used = 1;                                                    \
    t->request = request;                                              \
    t->set = set_new();                                                \
    context_set((u32)t);                                               \
    return step(t);                                                    \
  }                                                                    \
  EXPORT("[callback][async-lift]wasi:http/handler@0.3.0#handle")       \
  u32 handle_event(u32 event, u32 waitable, u32 payload) {             \
    struct task* t = (struct task*)context_get();                      \
    (void)event;                                                       \
    (void)waitable;                                                    \
    t->status = payload;                                               \
    waitable_join(t->waited, 0);                                       \
    return step(t);                                                    \
  }
