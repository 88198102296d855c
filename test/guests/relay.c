// A handler of wasi:http 0.3 that passes each request on by wasi:http/client and answers with the
// response: `/PREFIX/rest` becomes `/rest` of the authority that the request came to, of a port
// where nobody listens if the prefix is `refused`, of the application itself if it is `self` or
// `here` (no authority), of the component X if it is `to-X`. A failure is 502 with the number of its
// case. Words in the prefix: with `secure` the request is https, with `brief` each wait is short,
// with `drain` the body is read here and the answer says what came of it.
#include "guest3.h"

IMPORT(HTTP3, "[method]request.get-authority") void authority3(handle self, void* ret);
IMPORT(HTTP3, "[method]request.get-method") void method3(handle self, void* ret);
IMPORT(HTTP3, NEW)
void request3_new(handle headers, int has_contents, handle contents, handle trailers,
                  int has_options, handle options, void* ret);
IMPORT(HTTP3, "[method]request.set-method")
int set_method3(handle self, int method, const char* text, u32 length);
IMPORT(HTTP3, "[method]request.set-scheme")
int set_scheme3(handle self, int is_some, int scheme, const char* text, u32 length);
IMPORT(HTTP3, "[method]request.set-authority")
int set_authority3(handle self, int is_some, const char* text, u32 length);
IMPORT(HTTP3, "[method]request.set-path-with-query")
int set_path3(handle self, int is_some, const char* text, u32 length);
IMPORT(HTTP3, "[method]response.get-status-code") int get_status3(handle self);
IMPORT(HTTP3, "[method]response.get-headers") handle response_headers3(handle self);
IMPORT(HTTP3, "[static]response.consume-body")
void response_consume(handle self, handle res, void* ret);
IMPORT("wasi:http/client@0.3.0", "[async-lower]send") u32 send_request(handle request, void* ret);

#define OPTIONS "[method]request-options.set-"
IMPORT(HTTP3, "[constructor]request-options") handle options_new(void);
IMPORT(HTTP3, OPTIONS "connect-timeout")
void set_connect(handle self, int is_some, u64 nanoseconds, void* ret);
IMPORT(HTTP3, OPTIONS "first-byte-timeout")
void set_first_byte(handle self, int is_some, u64 nanoseconds, void* ret);
IMPORT(HTTP3, OPTIONS "between-bytes-timeout")
void set_between_bytes(handle self, int is_some, u64 nanoseconds, void* ret);

struct text {
  u8 is_some, pad[3];
  const char* bytes;
  u32 length;
};
struct task {
  int is_used, at;
  handle set, waited, request;
  handle taken, answered;  // who hears what became of the two bodies that are passed on
  handle out, out_trailers, in, in_trailers;
  u32 status, bytes, noted;
  int drains, code;
  // result<response, error-code>: its case, then a handle or another case.
  u8 answer[128];
  char note[64];
  u8 piece[4096];
};
static struct task tasks[64];

static int has_word(const char* text, u32 length, const char* word) {
  for (u32 at = 0; at + length_of(word) <= length; at++)
    if (same(text + at, length_of(word), word)) return 1;
  return 0;
}

static handle brief_options(void) {
  static u8 unused[32];
  const u64 nanoseconds = 300 * 1000 * 1000;
  handle options = options_new();
  set_connect(options, 1, nanoseconds, unused);
  set_first_byte(options, 1, nanoseconds, unused);
  set_between_bytes(options, 1, nanoseconds, unused);
  return options;
}

static void note_text(struct task* t, const char* text) {
  for (; *text; text++) t->note[t->noted++] = *text;
}

static void note_number(struct task* t, u32 number, u32 width) {
  char digits[10];
  u32 count = 0;
  while (number > 0 || count < width) {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  }
  while (count > 0) t->note[t->noted++] = digits[--count];
}

static void make_request(struct task* t) {
  struct text path, authority, method;
  handle parts[2], made[2];
  path3(t->request, &path);
  authority3(t->request, &authority);
  method3(t->request, &method);
  u64 outcome = outcome_new();
  t->taken = (handle)(outcome >> 32);
  consume_body(t->request, (handle)outcome, parts);
  u32 prefix = 1;
  while (prefix < path.length && path.bytes[prefix] != '/') prefix++;
  const int is_brief = has_word(path.bytes, prefix, "brief");
  t->drains = has_word(path.bytes, prefix, "drain");
  request3_new(fields3_new(), 1, parts[0], parts[1], is_brief, is_brief ? brief_options() : 0, made);
  outcome_drop_readable(made[1]);
  set_method3(made[0], method.is_some, method.bytes, method.length);
  set_scheme3(made[0], 1, has_word(path.bytes, prefix, "secure"), 0, 0);
  char other[64];
  if (same(path.bytes, prefix, "/refused"))
    set_authority3(made[0], 1, "127.0.0.1:1", 11);
  else if (same(path.bytes, prefix, "/self"))
    set_authority3(made[0], 1, "self.alt", 8);
  else if (same(path.bytes, prefix, "/here"))
    set_authority3(made[0], 0, 0, 0);
  else if (prefix > 4 && prefix < 40 && same(path.bytes, 4, "/to-")) {
    __builtin_memcpy(other, path.bytes + 4, prefix - 4);
    __builtin_memcpy(other + prefix - 4, ".spin.internal", 14);
    set_authority3(made[0], 1, other, prefix + 10);
  } else
    set_authority3(made[0], 1, authority.bytes, authority.length);
  set_path3(made[0], 1, path.bytes + prefix, path.length - prefix);
  t->request = made[0];
}

static void respond(int status, handle headers, handle contents, handle trailers) {
  handle made[2];
  response3_new(headers, 1, contents, trailers, made);
  outcome_drop_readable(made[1]);
  set_status3(made[0], status);
  task_return(0, made[0], 0, 0, 0, 0, 0, 0);
}

static void pass_on(struct task* t) {
  handle response = *(handle*)(t->answer + 8), parts[2];
  int status = get_status3(response);
  handle headers = response_headers3(response);
  u64 outcome = outcome_new();
  t->answered = (handle)(outcome >> 32);
  response_consume(response, (handle)outcome, parts);
  respond(status, headers, parts[0], parts[1]);
}

// The response's parts, to be read here.
static void take_body(struct task* t) {
  handle response = *(handle*)(t->answer + 8), parts[2];
  t->code = get_status3(response);
  u64 outcome = outcome_new();
  t->answered = (handle)(outcome >> 32);
  response_consume(response, (handle)outcome, parts);
  t->in = parts[0];
  t->in_trailers = parts[1];
}

static u32 step(struct task* t) {
  switch (t->at) {
    case 0:
      make_request(t);
      t->status = send_request(t->request, t->answer);
      if ((t->status & 15) != 2) {
        t->request = (handle)(t->status >> 4);
        return WAIT_ON(t, t->request, 1);
        case 1:
          // Started, then returned.
          if (t->status != 2) return WAIT_ON(t, t->request, 1);
          subtask_drop(t->request);
      }
      if (t->answer[0] == 0 && !t->drains) {
        pass_on(t);
      } else {
        t->code = 502;
        if (t->answer[0] == 0) {
          take_body(t);
          do {
            AWAIT(stream3_read(t->in, t->piece, sizeof t->piece), t->in);
            t->bytes += t->status >> 4;
          } while ((t->status & 15) == 0);
          stream_drop_readable(t->in);
          AWAIT(trailers_read(t->in_trailers, t->answer), t->in_trailers);
          trailers_drop_readable(t->in_trailers);
          note_number(t, t->bytes, 1);
          note_text(t, " bytes, ");
          if (t->answer[0] == 0) note_text(t, t->answer[8] ? "trailers" : "no trailers");
        }
        if (t->answer[0] != 0) {
          note_text(t, "error ");
          note_number(t, t->answer[8], 2);
        }
        note_text(t, "\n");
        u64 contents = stream_new(), trailers = trailers_new();
        t->out = (handle)(contents >> 32);
        t->out_trailers = (handle)(trailers >> 32);
        respond(t->code, fields3_new(), (handle)contents, (handle)trailers);
        AWAIT(stream3_write(t->out, (u8*)t->note, t->noted), t->out);
        stream_drop_writable(t->out);
        AWAIT(trailers_write(t->out_trailers, kWell), t->out_trailers);
        trailers_drop_writable(t->out_trailers);
      }
      if (t->answered) {
        AWAIT(outcome_write(t->answered, kWell), t->answered);
        outcome_drop_writable(t->answered);
      }
      AWAIT(outcome_write(t->taken, kWell), t->taken);
      outcome_drop_writable(t->taken);
  }
  set_drop(t->set);
  t->is_used = 0;
  return 0;
}

EXPORT_TASKS(__builtin_offsetof(struct task, piece), (void)0)
