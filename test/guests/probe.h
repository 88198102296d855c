// Asks the host for something and says what came back, as one line: what a component may reach, and
// what it is told where it may not. Used by a component of its own and by the one that imports it.
#pragma once

#include "guest.h"

#define CLI "wasi:cli/environment@0.2.3"
#define KV2 "fermyon:spin/key-value@2.0.0"
#define NETWORK "wasi:sockets/instance-network@0.2.3"

IMPORT(CLI, "get-environment") void get_environment(void* ret);
IMPORT(CLI, "get-arguments") void get_arguments(void* ret);
IMPORT(CLI, "initial-cwd") void initial_cwd(void* ret);
IMPORT("wasi:filesystem/preopens@0.2.3", "get-directories") void get_directories(void* ret);
IMPORT(KV2, "[static]store.open") void kv_open(const char* label, u32 length, void* ret);
IMPORT("fermyon:spin/key-value", "open") void kv1_open(const char* label, u32 length, void* ret);
IMPORT("wasi:keyvalue/store@0.2.0-draft2", "open")
void wasi_kv_open(const char* label, u32 length, void* ret);
IMPORT("fermyon:spin/variables@2.0.0", "get")
void variable_get(const char* name, u32 length, void* ret);
IMPORT("fermyon:spin/config", "get-config")
void config_get(const char* name, u32 length, void* ret);
IMPORT("wasi:config/store@0.2.0-draft-2024-09-27", "get")
void wasi_config_get(const char* name, u32 length, void* ret);
IMPORT(HTTP, "[constructor]outgoing-request") handle request_new(handle headers);
IMPORT("wasi:http/outgoing-handler@0.2.3", "handle")
void outgoing_handle(handle request, int has_options, handle options, void* ret);
IMPORT(NETWORK, "instance-network") handle instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2.3", "create-tcp-socket")
void create_tcp(int family, void* ret);
IMPORT("wasi:sockets/udp-create-socket@0.2.3", "create-udp-socket")
void create_udp(int family, void* ret);
IMPORT("wasi:sockets/ip-name-lookup@0.2.3", "resolve-addresses")
void resolve(handle network, const char* name, u32 length, void* ret);

struct text {
  char* at;
  u32 length;
};

static struct text line;

static void say_bytes(const char* bytes, u32 length) {
  for (u32 i = 0; i < length; i++) line.at[line.length++] = bytes[i];
}

static void say(const char* words) {
  say_bytes(words, length_of(words));
}

static void say_number(u32 number) {
  if (number >= 10) say_number(number / 10);
  line.at[line.length++] = (char)('0' + number % 10);
}

// A result: `names[i]` is what its i-th error is called. The error's words, where it has some,
// follow, at `words` cells from the start.
static void say_outcome(const u32* result, const char* const* names, u32 error, u32 words) {
  if (!(result[0] & 0xff)) {
    say("granted");
    return;
  }
  u32 kind = result[error] & 0xff;
  say(names[kind]);
  if (!words) return;
  say("(");
  say_bytes((const char*)result[words], result[words + 1]);
  say(")");
}

static void ask_environment(void) {
  u32 list[2], arguments[2], directory[3];
  get_environment(list);
  for (u32 i = 0; i < list[1]; i++) {
    const u32* pair = (const u32*)list[0] + 4 * i;
    if (i) say(" ");
    say_bytes((const char*)pair[0], pair[1]);
    say("=");
    say_bytes((const char*)pair[2], pair[3]);
  }
  get_arguments(arguments);
  initial_cwd(directory);
  if (!list[1]) say("none");
  if (arguments[1]) say(" and arguments");
  if (directory[0] & 0xff) say(" and a directory");
}

static const char* const kv_errors[] = {"store-table-full", "no-such-store", "access-denied"};
static const char* const wasi_kv_errors[] = {"no-such-store", "access-denied"};
static const char* const variable_errors[] = {"invalid-name", "undefined", "provider", "other"};
static const char* const config_errors[] = {"provider", "invalid-key", "invalid-schema", "other"};
static const char* const wasi_config_errors[] = {"upstream", "io"};

static void ask_wasi_config(const char* name) {
  u32 result[4];
  wasi_config_get(name, length_of(name), result);
  if (result[0] & 0xff) {
    say_outcome(result, wasi_config_errors, 1, 2);
  } else if (result[1] & 0xff) {
    say("granted");
  } else {
    say("absent");
  }
}

static void ask_http(void) {
  u64 cells[8];
  const u32* result = (const u32*)cells;
  outgoing_handle(request_new(fields_new()), 0, 0, cells);
  if (!(result[0] & 0xff)) {
    say("granted");
  } else if ((result[2] & 0xff) == 38 && (result[4] & 0xff)) {
    say("internal-error(");
    say_bytes((const char*)result[5], result[6]);
    say(")");
  } else {
    say("another error");
  }
}

static void say_socket(const u32* result) {
  if (!(result[0] & 0xff)) {
    say("granted");
  } else {
    say((result[1] & 0xff) == 1 ? "access-denied" : "another error");
  }
}

static struct text probe(const char* what, u32 length) {
  u32 result[8];
  line.at = cabi_realloc(0, 0, 1, 4096);
  line.length = 0;
  if (same(what, length, "environment")) {
    ask_environment();
  } else if (same(what, length, "preopens")) {
    get_directories(result);
    say_number(result[1]);
  } else if (same(what, length, "key-value")) {
    kv_open("default", 7, result);
    say_outcome(result, kv_errors, 1, 0);
  } else if (same(what, length, "key-value-v1")) {
    kv1_open("default", 7, result);
    say_outcome(result, kv_errors, 1, 0);
  } else if (same(what, length, "wasi-key-value")) {
    wasi_kv_open("default", 7, result);
    say_outcome(result, wasi_kv_errors, 1, 0);
  } else if (same(what, length, "variable")) {
    variable_get("color", 5, result);
    say_outcome(result, variable_errors, 1, 2);
  } else if (same(what, length, "config")) {
    config_get("color", 5, result);
    say_outcome(result, config_errors, 1, 2);
  } else if (same(what, length, "wasi-config")) {
    ask_wasi_config("color");
  } else if (same(what, length, "http")) {
    ask_http();
  } else if (same(what, length, "tcp")) {
    create_tcp(0, result);
    say_socket(result);
  } else if (same(what, length, "udp")) {
    create_udp(0, result);
    say_socket(result);
  } else if (same(what, length, "lookup")) {
    resolve(instance_network(), "localhost", 9, result);
    say_socket(result);
  } else {
    say("no such question");
  }
  return line;
}
