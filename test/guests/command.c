// A command of WASI preview 1 for the executor "wagi": PATH_INFO says what it prints. No C library.

typedef unsigned char u8;
typedef unsigned int u32;

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(name)))

typedef struct {
  const char* bytes;
  u32 length;
} piece;

WASI("fd_write") int fd_write(int fd, const piece* pieces, u32 count, u32* written);
WASI("fd_read") int fd_read(int fd, const piece* pieces, u32 count, u32* read);
WASI("environ_sizes_get") int environ_sizes_get(u32* count, u32* bytes);
WASI("environ_get") int environ_get(char** variables, char* bytes);
WASI("args_sizes_get") int args_sizes_get(u32* count, u32* bytes);
WASI("args_get") int args_get(char** arguments, char* bytes);
WASI("proc_exit") _Noreturn void proc_exit(int code);

static char* variables[512];
static char variable_bytes[65536];
static char* arguments[512];
static char argument_bytes[65536];
static u32 variable_count, argument_count;
static char buffer[4096];

static u32 length_of(const char* text) {
  u32 length = 0;
  while (text[length]) length++;
  return length;
}

static void put(const char* bytes, u32 length) {
  while (length > 0) {
    piece all = {bytes, length};
    u32 written = 0;
    if (fd_write(1, &all, 1, &written) != 0) proc_exit(9);
    bytes += written;
    length -= written;
  }
}

static void print(const char* text) {
  put(text, length_of(text));
}

static int begins(const char* text, const char* with) {
  while (*with)
    if (*text++ != *with++) return 0;
  return 1;
}

static const char* variable(const char* name) {
  const u32 length = length_of(name);
  for (u32 i = 0; i < variable_count; i++)
    if (begins(variables[i], name) && variables[i][length] == '=') return variables[i] + length + 1;
  return 0;
}

static int is(const char* path) {
  const char* asked = variable("PATH_INFO");
  return begins(asked, path) && asked[length_of(path)] == 0;
}

// The variables that begin with the query, in the order in which they come.
static void show_variables(void) {
  for (u32 i = 0; i < variable_count; i++) {
    if (!begins(variables[i], variable("QUERY_STRING"))) continue;
    print(variables[i]);
    print("\n");
  }
}

static void show_arguments(void) {
  for (u32 i = 0; i < argument_count; i++) {
    print("[");
    print(arguments[i]);
    print("]");
  }
}

static void echo(void) {
  while (1) {
    piece all = {buffer, sizeof buffer};
    u32 count = 0;
    if (fd_read(0, &all, 1, &count) != 0) proc_exit(8);
    if (count == 0) return;
    put(buffer, count);
  }
}

static void print_often(const char* text, u32 times) {
  for (u32 i = 0; i < times; i++) print(text);
}

static void answer_badly(void) {
  if (is("/silent")) return;
  if (is("/headless")) return print("just text\n\nand more\n");
  if (is("/bad-status")) return print("status: soon\n\nnever sent");
  if (is("/low-status")) return print("status: 101\n\n");
  if (is("/long-head")) return print_often("x-long-without-end", 10000);
  if (is("/many-headers")) return print_often("a:b\n", 300);
  if (is("/endless")) {
    print("content-type: text/plain\n\n");
    while (1) put(buffer, sizeof buffer);
  }
  print("content-type: text/plain\n\nhalf an answer");
  if (is("/fail")) proc_exit(3);
  if (is("/trap")) __builtin_trap();
}

__attribute__((export_name("_start"))) void start(void) {
  u32 bytes = 0;
  environ_sizes_get(&variable_count, &bytes);
  if (variable_count > 512 || bytes > sizeof variable_bytes) __builtin_trap();
  environ_get(variables, variable_bytes);
  args_sizes_get(&argument_count, &bytes);
  if (argument_count > 512 || bytes > sizeof argument_bytes) __builtin_trap();
  args_get(arguments, argument_bytes);
  if (is("/variables") || is("/arguments") || is("/echo")) {
    print("Content-Type: text/plain\r\n\r\n");
    if (is("/variables")) show_variables();
    if (is("/arguments")) show_arguments();
    if (is("/echo")) echo();
  } else if (is("/away")) {
    print("location: /there\n\n");
  } else if (is("/stay")) {
    print("location: /there\nstatus: 201 Created\n\nmade");
  } else if (is("/odd-headers")) {
    print(
        "x-twice: 1\nno colon here\nbad name: 1\nx-bad: a\001b\ncontent-length: 99\n"
        "connection: close\nx-twice: 2\n:\nstatus: 404 Not Found\n\n: body\n");
  } else if (is("/only-head")) {
    print("status: 204");
  } else if (is("/exit")) {
    print("content-type: text/plain\n\nsaid before the end");
    proc_exit(0);
  } else {
    answer_badly();
  }
}
