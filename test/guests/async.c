// A handler of wasi:http 0.3 whose path says how it behaves. A request is a task that waits for one
// thing at a time: `step` runs it from where it stopped to its next wait.
#include "guest3.h"

IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") u32 wait_for(u64 nanoseconds);

struct task {
  int is_used, at, kind;
  handle set, waited, request;
  handle in, in_trailers, taken;  // the request's body, and its outcome's writer
  handle out, out_trailers;       // the response's, likewise
  handle sent;                    // what became of the response
  u32 status, chunk, done, rounds, pause;
  u64 value[8];  // what futures carry
  u8 buffer[65536];
};
static struct task tasks[64];
static u32 served, dropped, failed, live;

static const struct {
  const char* path;
  int kind;
} kKinds[] = {{"/hello", 'h'}, {"/count", 'c'},   {"/state", 's'}, {"/forward", 'f'}, {"/copy", 'y'},
              {"/ticks", 't'}, {"/flood", 'l'},   {"/trap", '!'},  {"/never", 'n'},   {"/late", 'a'},
              {"/loop", 'o'},  {"/refuse", 'r'},  {"/cut", 'u'},   {"/give-up", 'g'},   {"/headers", 'd'}, {"/slow", 'w'},
              {"/trap-late", 'T'}, {"/big", 'b'}};

static void begin_task(struct task* t) {
  struct {
    u8 is_some, pad[3];
    const char* bytes;
    u32 length;
  } path;
  path3(t->request, &path);
  t->kind = '?';
  // What comes before the last slash says how the instance is used.
  for (u32 i = 0; i < path.length; i++)
    if (path.bytes[path.length - 1 - i] == '/') {
      path.bytes += path.length - 1 - i;
      path.length = i + 1;
    }
  for (u32 i = 0; i < sizeof kKinds / sizeof *kKinds; i++)
    if (same(path.bytes, path.length, kKinds[i].path)) t->kind = kKinds[i].kind;
  t->pause = 10;
  if (same(path.bytes, path.length, "/slow-ticks")) {
    t->kind = 't';
    t->pause = 1000;
  }
}

// The response's head; its body is the stream `contents`, or nothing.
static void respond(struct task* t, int status, handle contents, handle trailers) {
  handle made[2];
  u8 result[16];
  handle headers = fields3_new();
  fields3_append(headers, "content-type", 12, "text/plain", 10, result);
  response3_new(headers, contents != 0, contents, trailers, made);
  t->sent = made[1];
  set_status3(made[0], status);
  task_return(0, made[0], 0, 0, 0, 0, 0, 0);
}

static void respond_with_stream(struct task* t, int status) {
  u64 contents = stream_new(), trailers = trailers_new();
  t->out = (handle)(contents >> 32);
  t->out_trailers = (handle)(trailers >> 32);
  respond(t, status, (handle)contents, (handle)trailers);
}

static void take_body(struct task* t) {
  u64 outcome = outcome_new();
  handle parts[2];
  t->taken = (handle)(outcome >> 32);
  consume_body(t->request, (handle)outcome, parts);
  t->request = 0;
  t->in = parts[0];
  t->in_trailers = parts[1];
}

static u32 number(u8* to, u32 value) {
  u8 digits[10];
  u32 count = 0, length = 0;
  do digits[count++] = (u8)('0' + value % 10);
  while (value /= 10);
  while (count) to[length++] = digits[--count];
  to[length++] = '\n';
  return length;
}

static u32 text(struct task* t, const char* what) {
  __builtin_memcpy(t->buffer, what, length_of(what));
  return length_of(what);
}

#define SLEEP(ms)                                                        \
  do {                                                                   \
    t->status = wait_for((u64)(ms) * 1000000);                           \
    if ((t->status & 15) != 2) {                                         \
      t->done = t->status >> 4;                                          \
      return WAIT_ON(t, (handle)t->done, __LINE__);                      \
      case __LINE__:                                                     \
        subtask_drop((handle)t->done);                                   \
    }                                                                    \
  } while (0)

// Writes the first `chunk` bytes of the buffer.
#define WRITE()                                                          \
  for (t->done = 0; t->done < t->chunk && t->out;) {                     \
    AWAIT(stream3_write(t->out, t->buffer + t->done, t->chunk - t->done), t->out); \
    t->done += COUNT(t->status);                                         \
    if (DROPPED(t->status)) {                                            \
      dropped++;                                                         \
      stream_drop_writable(t->out);                                      \
      t->out = 0;                                                        \
    }                                                                    \
  }

static u32 step(struct task* t) {
  switch (t->at) {
    case 0:
      begin_task(t);
      if (t->kind == '!') __builtin_trap();
      if (t->kind == 'o')
        for (;;) __asm__ volatile("");
      if (t->kind == 'n') SLEEP(3600000);
      if (t->kind == 'w') SLEEP(200);
      if (t->kind == 'r') {
        task_return(1, 38, 0, 0, 0, 0, 0, 0);
        break;
      }
      if (t->kind == 'f') {
        take_body(t);
        respond(t, 200, t->in, t->in_trailers);
        AWAIT(outcome_write(t->taken, kWell), t->taken);
        outcome_drop_writable(t->taken);
        break;
      }
      if (t->kind == 'y') {
        take_body(t);
        respond_with_stream(t, 200);
        for (;;) {
          AWAIT(stream3_read(t->in, t->buffer, sizeof t->buffer), t->in);
          t->chunk = COUNT(t->status);
          t->rounds = DROPPED(t->status);
          WRITE();
          if (t->rounds || !t->out) break;
        }
        stream_drop_readable(t->in);
        AWAIT(trailers_read(t->in_trailers, t->value), t->in_trailers);
        trailers_drop_readable(t->in_trailers);
        // Passes the request's trailers on.
        if (t->value[0] & 255) failed++;
        AWAIT(outcome_write(t->taken, kWell), t->taken);
        outcome_drop_writable(t->taken);
        goto finish;
      }
      respond_with_stream(t, t->kind == '?' ? 404 : 200);
      if (t->kind == 'd') {
        u32 list[2];
        handle fields = headers3(t->request);
        fields3_copy_all(fields, list);
        t->chunk = number(t->buffer, list[1]);
        fields3_drop(fields);
      } else if (t->kind == 'c') {
        t->chunk = number(t->buffer, served);
      } else if (t->kind == 's') {
        t->chunk = text(t, "dropped ");
        t->chunk += number(t->buffer + t->chunk, dropped) - 1;
        t->chunk += (u32)(__builtin_memcpy(t->buffer + t->chunk, " live ", 6), 6);
        t->chunk += number(t->buffer + t->chunk, live);
      } else {
        t->chunk = text(t, t->kind == '?' ? "no such behavior\n" : "Hello\n");
      }
      if (t->kind == 't' || t->kind == 'l' || t->kind == 'b') {
        t->rounds = t->kind == 't' ? 5 : t->kind == 'b' ? 1024 : 1 << 30;
        if (t->kind != 't') t->chunk = sizeof t->buffer;
        while (t->rounds-- && t->out) {
          if (t->kind == 't') t->chunk = text(t, "tick\n");
          WRITE();
          if (t->kind == 't') SLEEP(t->pause);
        }
      } else {
        WRITE();
      }
      if (t->kind == 'T') {
        SLEEP(20);
        __builtin_trap();
      }
      if (t->kind == 'u') SLEEP(20);
      if (t->kind == 'u' || t->kind == 'g') {
        // An error in the place of trailers breaks the response.
        t->value[0] = 1;
        t->value[1] = 38;
      }
    finish:
      if (t->out) stream_drop_writable(t->out);
      t->out = 0;
      AWAIT(trailers_write(t->out_trailers, t->value), t->out_trailers);
      trailers_drop_writable(t->out_trailers);
      if (t->kind == 'a') {
        SLEEP(100);
        dropped += 100;
      }
  }
  if (t->sent) outcome_drop_readable(t->sent);
  if (t->request) request3_drop(t->request);
  set_drop(t->set);
  t->is_used = 0;
  live--;
  return 0;
}

EXPORT_TASKS(sizeof *t - sizeof t->buffer, (served++, live++))
