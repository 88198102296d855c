// A handler that speaks to others by sockets and says what came of it:
//
//   /ROUTE/tcp/127.0.0.1/PORT    connects, sends "ping", reads to the end of the echo
//   /udp/127.0.0.1/PORT    sends one datagram and waits for its echo
//   /flood/127.0.0.1/PORT  sends a megabyte, counts the bytes that come back
//   /leave/127.0.0.1/PORT  connects and traps with everything open
//   /many/127.0.0.1/PORT   as many connections at a time as it gets, at most 20
//   /bind  /listen         what comes of it for TCP
//   /name/NAME             looks up a name
//
// Errors are "STEP: error N", N counting the error codes of the interface.
#include "guest.h"

#define NETWORK "wasi:sockets/network@0.2.3"
#define TCP "wasi:sockets/tcp@0.2.3"
#define UDP "wasi:sockets/udp@0.2.3"
#define NAMES "wasi:sockets/ip-name-lookup@0.2.3"

// An ip-socket-address, flat; IPv4 uses the first five after the case.
#define ADDRESS int family, int a0, int a1, int a2, int a3, int a4, int a5, int a6, int a7, int a8, int a9, int a10
#define FLAT(to) 0, (to)->port, (to)->ip[0], (to)->ip[1], (to)->ip[2], (to)->ip[3], 0, 0, 0, 0, 0, 0

IMPORT("wasi:sockets/instance-network@0.2.3", "instance-network") handle instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2.3", "create-tcp-socket")
void create_tcp(int family, void* ret);
IMPORT(TCP, "[method]tcp-socket.start-bind") void tcp_bind(handle self, handle network, ADDRESS, void* ret);
IMPORT(TCP, "[method]tcp-socket.start-listen") void tcp_listen(handle self, void* ret);
IMPORT(TCP, "[method]tcp-socket.start-connect")
void tcp_start_connect(handle self, handle network, ADDRESS, void* ret);
IMPORT(TCP, "[method]tcp-socket.finish-connect") void tcp_finish_connect(handle self, void* ret);
IMPORT(TCP, "[method]tcp-socket.subscribe") handle tcp_subscribe(handle self);
IMPORT(TCP, "[method]tcp-socket.shutdown") void tcp_shutdown(handle self, int how, void* ret);
IMPORT(TCP, "[resource-drop]tcp-socket") void tcp_drop(handle self);
IMPORT("wasi:sockets/udp-create-socket@0.2.3", "create-udp-socket")
void create_udp(int family, void* ret);
IMPORT(UDP, "[method]udp-socket.start-bind") void udp_bind(handle self, handle network, ADDRESS, void* ret);
IMPORT(UDP, "[method]udp-socket.finish-bind") void udp_finish_bind(handle self, void* ret);
IMPORT(UDP, "[method]udp-socket.stream") void udp_stream(handle self, int has_address, ADDRESS, void* ret);
IMPORT(UDP, "[method]outgoing-datagram-stream.check-send") void udp_check(handle self, void* ret);
IMPORT(UDP, "[method]outgoing-datagram-stream.send")
void udp_send(handle self, const void* datagrams, u32 count, void* ret);
IMPORT(UDP, "[method]incoming-datagram-stream.receive")
void udp_receive(handle self, u64 most, void* ret);
IMPORT(UDP, "[method]incoming-datagram-stream.subscribe") handle udp_subscribe(handle self);
IMPORT(NAMES, "resolve-addresses")
void resolve(handle network, const void* name, u32 length, void* ret);

struct address {
  int ip[4], port;
};

struct reply {
  char text[200];
  u32 length;
};

static void say(struct reply* to, const char* text) {
  while (*text) to->text[to->length++] = *text++;
}

static void say_bytes(struct reply* to, const u8* bytes, u32 length) {
  while (length--) to->text[to->length++] = (char)*bytes++;
}

static void say_number(struct reply* to, u32 number) {
  char digits[10];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while (number /= 10);
  while (count) to->text[to->length++] = digits[--count];
}

// `code_at` is where a result has its error code.
static int failed(struct reply* to, const char* step, const u8* result, int code_at) {
  if (!result[0]) return 0;
  say(to, step);
  say(to, ": error ");
  say_number(to, result[code_at]);
  return 1;
}

// "127.0.0.1/80"
static struct address parse_address(const u8* text, u32 length) {
  struct address found = {};
  u32 part = 0;
  for (u32 i = 0; i < length; i++) {
    if (text[i] == '.' || text[i] == '/') {
      part++;
    } else if (part < 4) {
      found.ip[part] = found.ip[part] * 10 + text[i] - '0';
    } else {
      found.port = found.port * 10 + text[i] - '0';
    }
  }
  return found;
}

struct connection {
  handle socket, input, output;
};

static int connect_tcp(struct reply* to, const struct address* at, struct connection* made) {
  _Alignas(8) u8 result[16];
  create_tcp(0, result);
  if (failed(to, "create", result, 4)) return 0;
  made->socket = *(handle*)(result + 4);
  tcp_start_connect(made->socket, instance_network(), FLAT(at), result);
  if (failed(to, "start-connect", result, 1)) return 0;
  handle pollable = tcp_subscribe(made->socket);
  pollable_block(pollable);
  pollable_drop(pollable);
  tcp_finish_connect(made->socket, result);
  if (failed(to, "finish-connect", result, 4)) return 0;
  made->input = *(handle*)(result + 4);
  made->output = *(handle*)(result + 8);
  return 1;
}

static void close_tcp(struct connection* open) {
  input_drop(open->input);
  output_drop(open->output);
  tcp_drop(open->socket);
}

static void echo_tcp(struct reply* to, const struct address* at) {
  _Alignas(8) u8 result[16];
  struct connection made;
  if (!connect_tcp(to, at, &made)) return;
  stream_write(made.output, (const u8*)"ping", 4, result);
  if (failed(to, "write", result, 4)) return;
  tcp_shutdown(made.socket, 1, result);
  if (failed(to, "shutdown", result, 1)) return;
  say(to, "echo: ");
  for (stream_read(made.input, 100, result); !result[0]; stream_read(made.input, 100, result))
    say_bytes(to, *(u8**)(result + 4), *(u32*)(result + 8));
  close_tcp(&made);
}

static void flood_tcp(struct reply* to, const struct address* at) {
  static u8 chunk[4096];
  _Alignas(8) u8 result[16];
  struct connection made;
  u32 left = 1 << 20, heard = 0;
  if (!connect_tcp(to, at, &made)) return;
  while (left || heard < 1 << 20) {
    // As much as there is room for, then what has come back.
    stream_check(made.output, result);
    if (failed(to, "check-write", result, 8)) return;
    u32 room = *(u32*)(result + 8) < sizeof chunk ? *(u32*)(result + 8) : sizeof chunk;
    if (room > left) room = left;
    if (room) {
      stream_write_some(made.output, chunk, room, result);
      if (failed(to, "write", result, 4)) return;
      left -= room;
      continue;
    }
    heap_next = 0;
    stream_read(made.input, 65536, result);
    if (failed(to, "read", result, 4)) return;
    heard += *(u32*)(result + 8);
  }
  say_number(to, heard);
  close_tcp(&made);
}

static void many_tcp(struct reply* to, const struct address* at) {
  struct connection made[20];
  struct reply ignored = {};
  u32 count = 0;
  while (count < 20 && connect_tcp(&ignored, at, &made[count])) count++;
  say_number(to, count);
  say(to, " connections, then ");
  say_bytes(to, (const u8*)ignored.text, ignored.length);
}

static void leave_tcp(struct reply* to, const struct address* at) {
  struct connection made;
  if (connect_tcp(to, at, &made)) __builtin_trap();
}

static void echo_udp(struct reply* to, const struct address* at) {
  static const struct address any = {{127, 0, 0, 1}, 0};
  _Alignas(8) u8 result[16];
  create_udp(0, result);
  if (failed(to, "create", result, 4)) return;
  handle socket = *(handle*)(result + 4);
  udp_bind(socket, instance_network(), FLAT(&any), result);
  if (failed(to, "start-bind", result, 1)) return;
  udp_finish_bind(socket, result);
  if (failed(to, "finish-bind", result, 1)) return;
  udp_stream(socket, 0, FLAT(&any), result);
  if (failed(to, "stream", result, 4)) return;
  handle incoming = *(handle*)(result + 4), outgoing = *(handle*)(result + 8);
  // list<u8>, option<ip-socket-address>: IPv4 with its port and four bytes.
  static struct {
    const char* data;
    u32 length;
    u8 has_address, padding[3], family, more[3];
    u16 port;
    u8 ip[4], rest[22];
  } datagram = {"ping", 4, 1};
  _Static_assert(sizeof datagram == 44, "as the canonical ABI has it");
  datagram.port = (u16)at->port;
  for (int i = 0; i < 4; i++) datagram.ip[i] = (u8)at->ip[i];
  udp_check(outgoing, result);
  if (failed(to, "check-send", result, 8)) return;
  udp_send(outgoing, &datagram, 1, result);
  if (failed(to, "send", result, 8)) return;
  pollable_block(udp_subscribe(incoming));
  udp_receive(incoming, 10, result);
  if (failed(to, "receive", result, 4)) return;
  u8** received = *(u8***)(result + 4);
  say(to, "datagram: ");
  say_bytes(to, received[0], (u32)received[1]);
}

static void bind_tcp(struct reply* to, int is_listening) {
  static const struct address any = {{127, 0, 0, 1}, 0};
  _Alignas(8) u8 result[16];
  create_tcp(0, result);
  if (failed(to, "create", result, 4)) return;
  handle socket = *(handle*)(result + 4);
  if (is_listening) {
    tcp_listen(socket, result);
  } else {
    tcp_bind(socket, instance_network(), FLAT(&any), result);
  }
  if (!failed(to, is_listening ? "listen" : "bind", result, 1)) say(to, "permitted");
}

static void look_up(struct reply* to, const u8* name, u32 length) {
  _Alignas(8) u8 result[16];
  resolve(instance_network(), name, length, result);
  if (!failed(to, "resolve", result, 4)) say(to, "resolved");
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  static struct reply reply;
  u32 path[3];
  request_path(request, path);
  const u8* text = (const u8*)path[1];
  // /ROUTE/WHAT/REST
  u32 begin_at = 1;
  while (begin_at < path[2] && text[begin_at] != '/') begin_at++;
  u32 end_at = ++begin_at;
  while (end_at < path[2] && text[end_at] != '/') end_at++;
  const char* what = (const char*)text + begin_at;
  u32 first = end_at - begin_at;
  const u8* rest = text + end_at + 1;
  u32 rest_length = end_at < path[2] ? path[2] - end_at - 1 : 0;
  struct address at = parse_address(rest, rest_length);
  if (same(what, first, "tcp")) echo_tcp(&reply, &at);
  if (same(what, first, "flood")) flood_tcp(&reply, &at);
  if (same(what, first, "many")) many_tcp(&reply, &at);
  if (same(what, first, "leave")) leave_tcp(&reply, &at);
  if (same(what, first, "udp")) echo_udp(&reply, &at);
  if (same(what, first, "bind")) bind_tcp(&reply, 0);
  if (same(what, first, "listen")) bind_tcp(&reply, 1);
  if (same(what, first, "name")) look_up(&reply, rest, rest_length);
  reply.text[reply.length++] = '\n';
  struct response made = begin(outparam, 200, fields_new());
  put(&made, reply.text, reply.length);
  end(&made);
}
