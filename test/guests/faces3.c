// A handler of wasi:http 0.3 that uses interfaces with asynchronous functions, by the path; headers
// as in database.h:
//
//   /mqtt               publishes with every quality of service
//   /mysql/query        /mysql/execute
//   /postgres/query     /postgres/execute     /postgres/build (by the builder, then a query)
//   /tcp/PORT           sends "ping" to 127.0.0.1, reads to the end of the echo
//   /udp/PORT           sends one datagram and waits for its echo
//
// Each also below /denied. A request is a task with a stack of its own, which waits where it is: one at a time in an
// instance.
#include "database.h"
#include "guest3.h"

#define MQTT "spin:mqtt/mqtt@3.0.0"
#define MYSQL "spin:mysql/mysql@3.0.0"
#define PG "spin:postgres/postgres@4.2.0"
#define SOCKETS "wasi:sockets/types@0.3.0"
#define SEND "[method]tcp-socket.send"
#define RECEIVE "[method]tcp-socket.receive"

IMPORT(MQTT, "[async-lower][static]connection.open") u32 mqtt_open(const void* params, void* ret);
IMPORT(MQTT, "[async-lower][method]connection.publish")
u32 mqtt_publish(const void* params, void* ret);
IMPORT(MQTT, "[resource-drop]connection") void mqtt_drop(handle self);

// What the two databases have in common; params: self, statement, parameters.
#define DATABASE(prefix, interface, open, query, execute)                                       \
  IMPORT(interface, "[async-lower][static]connection." open)                                    \
  u32 prefix##_open(const char* at, u32 length, void* ret);                                     \
  IMPORT(interface, "[async-lower][method]connection." query)                                   \
  u32 prefix##_query(const void* params, void* ret);                                            \
  IMPORT(interface, "[async-lower][method]connection." execute)                                 \
  u32 prefix##_execute(const void* params, void* ret);                                          \
  IMPORT(interface, "[resource-drop]connection") void prefix##_drop(handle self);               \
  IMPORT(interface, "[async-lower][stream-read-0][method]connection." query)                    \
  u32 prefix##_row(handle self, void* to, u32 count);                                           \
  IMPORT(interface, "[stream-drop-readable-0][method]connection." query)                        \
  void prefix##_drop_rows(handle self);                                                         \
  IMPORT(interface, "[async-lower][future-read-1][method]connection." query)                    \
  u32 prefix##_end(handle self, void* to);                                                      \
  IMPORT(interface, "[future-drop-readable-1][method]connection." query)                        \
  void prefix##_drop_end(handle self);

DATABASE(mysql, MYSQL, "open", "query", "execute")
DATABASE(pg, PG, "open-async", "query-async", "execute-async")
IMPORT(PG, "[constructor]connection-builder") handle pg_builder(const char* at, u32 length);
IMPORT(PG, "[async-lower][method]connection-builder.build-async")
u32 pg_build(handle self, void* ret);
IMPORT(PG, "[resource-drop]connection-builder") void pg_drop_builder(handle self);

IMPORT(SOCKETS, "[static]tcp-socket.create") void tcp_create(int family, void* ret);
IMPORT(SOCKETS, "[async-lower][method]tcp-socket.connect")
u32 tcp_connect(const void* params, void* ret);
IMPORT(SOCKETS, SEND) handle tcp_send(handle self, handle data);
IMPORT(SOCKETS, RECEIVE) void tcp_receive(handle self, void* ret);
IMPORT(SOCKETS, "[resource-drop]tcp-socket") void tcp_drop(handle self);
IMPORT(SOCKETS, "[stream-new-0]" SEND) u64 data_new(void);
IMPORT(SOCKETS, "[async-lower][stream-write-0]" SEND)
u32 data_write(handle self, const void* from, u32 count);
IMPORT(SOCKETS, "[stream-drop-writable-0]" SEND) void data_drop(handle self);
IMPORT(SOCKETS, "[async-lower][future-read-1]" SEND) u32 sent_read(handle self, void* to);
IMPORT(SOCKETS, "[future-drop-readable-1]" SEND) void sent_drop(handle self);
IMPORT(SOCKETS, "[async-lower][stream-read-0]" RECEIVE)
u32 received_read(handle self, void* to, u32 count);
IMPORT(SOCKETS, "[stream-drop-readable-0]" RECEIVE) void received_drop(handle self);
IMPORT(SOCKETS, "[async-lower][future-read-1]" RECEIVE) u32 closed_read(handle self, void* to);
IMPORT(SOCKETS, "[future-drop-readable-1]" RECEIVE) void closed_drop(handle self);
IMPORT(SOCKETS, "[static]udp-socket.create") void udp_create(int family, void* ret);
IMPORT(SOCKETS, "[async-lower][method]udp-socket.send") u32 udp_send(const void* params, void* ret);
IMPORT(SOCKETS, "[async-lower][method]udp-socket.receive") u32 udp_receive(handle self, void* ret);
IMPORT(SOCKETS, "[resource-drop]udp-socket") void udp_drop(handle self);

static handle set;
static u32 answer_space[64] __attribute__((aligned(8)));
static u8* const told = (u8*)answer_space;

static u32 wait_for_event(handle waitable) {
  u32 event[2];
  waitable_join(waitable, set);
  set_wait(set, event);
  waitable_join(waitable, 0);
  return event[1];
}

// Of a stream or a future.
static u32 moved(u32 status, handle waitable) {
  return status == BLOCKED ? wait_for_event(waitable) : status;
}

// Of a call: until its result is there.
static void called(u32 status) {
  if ((status & 15) == 2) return;
  handle call = (handle)(status >> 4);
  while (wait_for_event(call) != 2) {
  }
  subtask_drop(call);
}

static int mqtt_failed(void) {
  static const char* const kCases[] = {"invalid-address", "too-many-connections",
                                       "connection-failed: ", "other: "};
  if (!told[0]) return 0;
  say(kCases[told[4]]);
  if (told[4] >= 2) say_text_at(told + 8);
  say("\n");
  return 1;
}

static void ask_mqtt(const struct request* r) {
  struct {
    struct view address, user, password;
    u64 keep_alive;
  } login = {r->address, {"", 0}, {"", 0}, 30};
  struct {
    handle self;
    struct view topic, payload;
    u8 quality;
  } message = {0, {"test/three", 10}, {"hello", 5}, 0};
  called(mqtt_open(&login, told));
  if (mqtt_failed()) return;
  message.self = (handle)answer_space[1];
  for (; message.quality < 3; message.quality++) {
    called(mqtt_publish(&message, told));
    if (mqtt_failed()) break;
  }
  if (message.quality == 3) say("published\n");
  mqtt_drop(message.self);
}

struct statement {
  handle self;
  struct view text;
  const void* parameters;
  u32 count;
};

// Rows one by one, then how the statement ended.
#define SAY_ANSWER(prefix, kind)                                                 \
  do {                                                                           \
    struct view row;                                                             \
    handle rows = (handle)answer_space[3], end = (handle)answer_space[4];        \
    say_columns((const u8*)answer_space[1], answer_space[2], kind);              \
    for (u32 status = 0; !DROPPED(status);) {                                    \
      status = moved(prefix##_row(rows, &row, 1), rows);                         \
      if (COUNT(status)) say_row(&row, kind);                                    \
    }                                                                            \
    prefix##_drop_rows(rows);                                                    \
    moved(prefix##_end(end, told), end);                                       \
    if (told[0]) say_error(told + 4, kind);                                  \
    prefix##_drop_end(end);                                                      \
  } while (0)

static void ask_mysql(const struct request* r, int is_query) {
  struct statement s = {0, r->statement, parameter_space, make_parameter(r, kRdbms)};
  called(mysql_open(r->address.bytes, r->address.length, told));
  if (told[0]) return say_error(told + 4, kRdbms);
  s.self = (handle)answer_space[1];
  called((is_query ? mysql_query : mysql_execute)(&s, told));
  if (told[0])
    say_error(told + 4, kRdbms);
  else if (is_query)
    SAY_ANSWER(mysql, kRdbms);
  else
    say("ok\n");
  mysql_drop(s.self);
}

static void ask_postgres(const struct request* r, int is_query, int is_built) {
  struct statement s = {0, r->statement, parameter_space, make_parameter(r, kPostgres4)};
  if (is_built) {
    handle builder = pg_builder(r->address.bytes, r->address.length);
    called(pg_build(builder, told));
    pg_drop_builder(builder);
  } else {
    called(pg_open(r->address.bytes, r->address.length, told));
  }
  if (told[0]) return say_error(told + 4, kPostgres4);
  s.self = (handle)answer_space[1];
  called((is_query ? pg_query : pg_execute)(&s, told));
  if (told[0])
    say_error(told + (is_query ? 4 : 8), kPostgres4);
  else if (is_query)
    SAY_ANSWER(pg, kPostgres4);
  else
    say_number(*(const long long*)(told + 8)), say("\n");
  pg_drop(s.self);
}

struct address {
  u8 is_v6, pad[3];
  u16 port;
  u8 ip[26];
};

static int socket_failed(const char* what) {
  if (!told[0]) return 0;
  say(what);
  say(": error ");
  say_number(told[4]);
  say("\n");
  return 1;
}

static void echo_stream(handle socket) {
  struct {
    handle data, closed;
  } received;
  u8 heard[64];
  u64 data = data_new();
  handle writer = (handle)(data >> 32), sent = tcp_send(socket, (handle)data);
  moved(data_write(writer, "ping", 4), writer);
  data_drop(writer);
  tcp_receive(socket, &received);
  say("echo: ");
  for (u32 status = 0; !DROPPED(status);) {
    status = moved(received_read(received.data, heard, sizeof heard), received.data);
    say_bytes((const char*)heard, COUNT(status));
  }
  say("\n");
  moved(sent_read(sent, told), sent);
  socket_failed("send");
  moved(closed_read(received.closed, told), received.closed);
  socket_failed("receive");
  sent_drop(sent);
  received_drop(received.data);
  closed_drop(received.closed);
}

static void ask_tcp(u16 port) {
  struct {
    handle self;
    struct address to;
  } params = {0, {0, {0}, port, {127, 0, 0, 1}}};
  tcp_create(0, told);
  if (socket_failed("create")) return;
  params.self = (handle)answer_space[1];
  called(tcp_connect(&params, told));
  if (!socket_failed("connect")) echo_stream(params.self);
  tcp_drop(params.self);
}

static void ask_udp(u16 port) {
  struct {
    handle self;
    struct view data;
    u32 is_some;
    struct address to;
  } params = {0, {"ping", 4}, 1, {0, {0}, port, {127, 0, 0, 1}}};
  udp_create(0, told);
  if (socket_failed("create")) return;
  params.self = (handle)answer_space[1];
  called(udp_send(&params, told));
  if (!socket_failed("send")) {
    called(udp_receive(params.self, told));
    if (!socket_failed("receive")) {
      say("datagram: ");
      say_text_at(told + 4);
      say("\n");
    }
  }
  udp_drop(params.self);
}

static void answer_request(struct view path, const struct request* r) {
#define IS(text) same(path.bytes, path.length, text)
  if (path.length > 7 && same(path.bytes, 7, "/denied")) {
    path.bytes += 7;
    path.length -= 7;
  }
  u16 port = 0;
  for (u32 i = 5; i < path.length; i++) port = (u16)(port * 10 + path.bytes[i] - '0');
  if (IS("/mqtt")) ask_mqtt(r);
  if (IS("/mysql/query")) ask_mysql(r, 1);
  if (IS("/mysql/execute")) ask_mysql(r, 0);
  if (IS("/postgres/query")) ask_postgres(r, 1, 0);
  if (IS("/postgres/execute")) ask_postgres(r, 0, 0);
  if (IS("/postgres/build")) ask_postgres(r, 1, 1);
  if (same(path.bytes, 5, "/tcp/")) ask_tcp(port);
  if (same(path.bytes, 5, "/udp/")) ask_udp(port);
}

static void respond(void) {
  u64 contents = stream_new(), trailers = trailers_new();
  handle body = (handle)(contents >> 32), after = (handle)(trailers >> 32), made[2];
  response3_new(fields3_new(), 1, (handle)contents, (handle)trailers, made);
  task_return(0, made[0], 0, 0, 0, 0, 0, 0);
  for (u32 at = 0; at < out.length;) {
    u32 status = moved(stream3_write(body, (u8*)out.bytes + at, out.length - at), body);
    if (DROPPED(status)) break;
    at += COUNT(status);
  }
  stream_drop_writable(body);
  moved(trailers_write(after, kWell), after);
  trailers_drop_writable(after);
  outcome_drop_readable(made[1]);
}

EXPORT("[async-lift-stackful]wasi:http/handler@0.3.0#handle")
void handle_request3(handle request) {
  struct {
    u32 is_some;
    struct view text;
  } path;
  struct entries entries;
  set = set_new();
  out.length = 0;
  path3(request, &path);
  handle headers = headers3(request);
  fields3_copy_all(headers, &entries);
  fields3_drop(headers);
  struct request found = find_request(&entries);
  answer_request(path.text, &found);
  request3_drop(request);
  respond();
  set_drop(set);
}
