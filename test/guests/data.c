// Databases, language models and requests of Spin 1, asked by path.
#include "guest.h"

#define SQLITE "fermyon:spin/sqlite@2.0.0"
IMPORT(SQLITE, "[static]connection.open")
void sqlite_open(const char* label, u32 label_len, void* ret);
IMPORT(SQLITE, "[method]connection.execute")
void sqlite_execute(handle self, const char* statement, u32 statement_len, const void* parameters,
                    u32 count, void* ret);
IMPORT(SQLITE, "[resource-drop]connection") void sqlite_drop(handle self);
IMPORT("fermyon:spin/http", "send-request")
void send_request(u32 method, const char* uri, u32 uri_len, const void* headers, u32 header_count,
                  const void* params, u32 param_count, u32 has_body, const u8* body, u32 body_len,
                  void* ret);
IMPORT(HTTP, "[method]incoming-request.authority") void request_authority(handle self, void* ret);
IMPORT("fermyon:spin/llm@2.0.0", "infer")
void llm_infer(const char* model, u32 model_len, const char* prompt, u32 prompt_len, u32 has_params,
               u32 a, float b, u32 c, float d, u32 e, float f, void* ret);

struct text {
  const char* bytes;
  u32 length;
};

// An error of SQLite or of a model: its case, and the text that some cases have.
struct failure {
  u8 number, pad[3];
  struct text text;
};

struct value {
  u8 kind, pad[7];
  union {
    u64 integer;
    struct text text;
  };
};
struct row {
  struct value* values;
  u32 count;
};

static void put_failure(struct response* to, const char* of, const struct failure* failure,
                        int has_text) {
  char number[3] = {(char)('0' + failure->number), ' ', 0};
  put(to, of, length_of(of));
  put(to, number, 2);
  if (has_text) put(to, failure->text.bytes, failure->text.length);
  put(to, "\n", 1);
}

static void put_number(struct response* to, u64 number) {
  char digits[24];
  u32 at = sizeof digits;
  digits[--at] = '\n';
  do digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  put(to, digits + at, sizeof digits - at);
}

// The first value of each row, a line each; or what went wrong.
static void query(struct response* to, const char* label, const char* statement) {
  struct {
    u8 is_error, pad[3];
    union {
      handle connection;
      struct failure failure;
    };
  } opened;
  sqlite_open(label, length_of(label), &opened);
  if (opened.is_error) return put_failure(to, "open ", &opened.failure, opened.failure.number == 4);
  struct {
    u8 is_error, pad[3];
    union {
      struct {
        struct text* columns;
        u32 column_count;
        struct row* rows;
        u32 row_count;
      };
      struct failure failure;
    };
  } got;
  sqlite_execute(opened.connection, statement, length_of(statement), 0, 0, &got);
  sqlite_drop(opened.connection);
  if (got.is_error) return put_failure(to, "execute ", &got.failure, got.failure.number == 4);
  for (u32 i = 0; i < got.row_count; i++) {
    const struct value* value = got.rows[i].values;
    if (value->kind == 0) put_number(to, value->integer);
    if (value->kind == 2) {
      put(to, value->text.bytes, value->text.length);
      put(to, "\n", 1);
    }
  }
}

// Asks the server of the request itself for another path.
static void relay(struct response* to, handle request, const char* path, u32 path_length) {
  struct {
    u8 is_some, pad[3];
    struct text text;
  } authority;
  request_authority(request, &authority);
  static char uri[256] = "http://";
  u32 length = 7;
  for (u32 i = 0; i < authority.text.length; i++) uri[length++] = authority.text.bytes[i];
  for (u32 i = 0; i < path_length; i++) uri[length++] = path[i];
  struct {
    u8 is_error, pad[3];
    union {
      struct {
        unsigned short status;
        u8 has_headers, pad2[3];
        void* headers;
        u32 header_count;
        u8 has_body, pad3[3];
        struct text body;
      };
      u8 error;
    };
  } got;
  send_request(0, uri, length, 0, 0, 0, 0, 0, 0, 0, &got);
  if (got.is_error) {
    char line[] = "error 0\n";
    line[6] = (char)('0' + got.error);
    return put(to, line, 8);
  }
  put_number(to, got.status);
  put(to, got.body.bytes, got.body.length);
}

static void infer(struct response* to, const char* model) {
  struct {
    u8 is_error, pad[3];
    union {
      struct text text;
      struct failure failure;
    };
  } got;
  llm_infer(model, length_of(model), "hi", 2, 0, 0, 0, 0, 0, 0, 0, &got);
  if (got.is_error) return put_failure(to, "infer ", &got.failure, got.failure.number != 0);
  put(to, got.text.bytes, got.text.length);
}

EXPORT("wasi:http/incoming-handler@0.2.3#handle")
void handle_request(handle request, handle outparam) {
  struct {
    u8 is_some, pad[3];
    struct text text;
  } path;
  request_path(request, &path);
  const char* text = path.text.bytes;
  u32 length = path.text.length;
  if (length > 7 && same(text, 7, "/closed")) {
    text += 7;
    length -= 7;
  }
#define IS(name) same(text, length, name)
  // Before there is a response, so that its deadline counts.
  if (IS("/endless")) {
    query(0, "default",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
    __builtin_trap();
  }
  struct response made = begin(outparam, 200, fields_new());
  if (IS("/make")) query(&made, "default", "CREATE TABLE hits (n INTEGER PRIMARY KEY)");
  if (IS("/hit")) query(&made, "default", "INSERT INTO hits DEFAULT VALUES RETURNING n");
  if (IS("/notes")) query(&made, "notes", "SELECT title FROM notes ORDER BY title");
  if (IS("/broken")) query(&made, "default", "SELECT * FROM nowhere");
  if (IS("/attach")) query(&made, "default", "ATTACH '/tmp/other.db' AS other");
  if (IS("/attach-notes")) query(&made, "notes", "ATTACH 'other.db' AS other");
  if (IS("/other")) query(&made, "other", "SELECT 1");
  if (IS("/llama")) infer(&made, "llama");
  if (IS("/gpt")) infer(&made, "gpt");
  if (length > 6 && same(text, 6, "/fetch")) relay(&made, request, text + 6, length - 6);
  end(&made);
}
